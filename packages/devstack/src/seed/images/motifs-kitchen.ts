import { area, at, disc, line, type Motif, oval, rect, sheer, stuff, turned } from "./shapes.ts";

export const kitchenMotifs = {
  mug: ({ main, dark, light }) => [
    line("M530 360 C650 340 650 540 520 540", dark, 40),
    area("M230 300 L550 300 L530 600 C526 646 500 656 470 656 L310 656 C280 656 254 646 250 600 Z", main),
    area("M230 300 L300 300 L316 656 L310 656 C280 656 254 646 250 600 Z", light),
    area("M240 440 L541 440 L530 600 C526 646 500 656 470 656 L310 656 C280 656 254 646 250 600 Z", dark),
    oval(390, 300, [160, 34], light),
    oval(390, 304, [136, 24], "#5a3b28"),
    sheer(0.7, [line("M340 240 C320 200 360 190 344 150 M420 240 C400 200 440 190 424 150", stuff.paper, 12)]),
  ],
  plates: ({ main, dark, light }) => [
    disc(440, 420, 240, dark),
    disc(440, 410, 240, light),
    disc(370, 410, 240, dark),
    disc(360, 400, 240, main),
    disc(360, 400, 166, light),
    disc(360, 400, 150, main),
    area("M250 330 A150 150 0 0 1 390 254 A170 170 0 0 0 250 330 Z", stuff.paper),
  ],
  castPot: ({ main, dark, light }) => [
    rect(110, 400, [110, 50], dark, 25),
    rect(580, 400, [110, 50], dark, 25),
    area("M170 370 L630 370 L610 590 C606 640 570 656 530 656 L270 656 C230 656 194 640 190 590 Z", main),
    area("M170 370 L250 370 L262 656 C226 652 194 636 190 590 Z", light),
    area("M160 350 C180 270 280 230 400 230 C520 230 620 270 640 350 Z", main),
    area("M200 340 C230 280 310 250 400 244 C300 260 260 300 250 340 Z", light),
    rect(150, 344, [500, 34], dark, 16),
    rect(374, 200, [52, 40], dark, 8),
    oval(400, 196, [50, 20], stuff.metal),
  ],
  kettle: ({ main, dark, light }) => [
    line("M250 560 C140 540 170 330 130 290", main, 26),
    line("M530 330 C680 290 700 500 570 560", stuff.ink, 34),
    area("M290 330 L510 330 L590 600 C596 640 570 656 540 656 L260 656 C230 656 204 640 210 600 Z", main),
    area("M290 330 L350 330 L290 656 L260 656 C230 656 204 640 210 600 Z", light),
    oval(400, 330, [112, 26], dark),
    area("M300 324 C310 270 490 270 500 324 Z", light),
    disc(400, 266, 22, stuff.ink),
  ],
  cuttingBoard: ({ main, dark, light }) => [
    turned(
      -12,
      [400, 400],
      [
        rect(232, 150, [340, 500], dark, 40),
        rect(226, 140, [340, 500], main, 40),
        at([300, 380, 450], (x) => line(`M${x} 180 C${x + 16} 320 ${x - 16} 440 ${x} 600`, light, 8)),
        disc(396, 190, 28, dark),
      ],
    ),
    turned(
      24,
      [520, 520],
      [rect(440, 500, [220, 40], "#c1432f", 20), at([0, 1, 2, 3], (n) => disc(470 + n * 52, 520, 16, "#e8745e"))],
    ),
  ],
  carafe: ({ main, dark, light }) => [
    sheer(0.85, [
      area(
        "M340 150 L460 150 L450 300 C520 350 570 430 560 540 C552 630 500 656 400 656 C300 656 248 630 240 540 C230 430 280 350 350 300 Z",
        stuff.glass,
      ),
      area(
        "M262 450 C300 440 500 460 540 450 C556 480 562 510 560 540 C552 630 500 656 400 656 C300 656 248 630 240 540 C238 510 250 480 262 450 Z",
        "#9fcbdc",
      ),
    ]),
    line("M370 190 C366 280 300 360 288 440", stuff.paper, 14),
    disc(330, 540, 38, "#f1d35a"),
    disc(330, 540, 24, "#f8e69a"),
    rect(334, 118, [132, 60], main, 16),
    rect(334, 118, [50, 60], light, 16),
    rect(360, 96, [80, 34], dark, 14),
  ],
  chefKnife: ({ main, dark, light }) => [
    turned(
      -38,
      [400, 400],
      [
        area("M90 380 C180 330 300 330 480 336 L480 456 L300 456 C200 452 130 420 90 380 Z", stuff.metal),
        area("M90 380 C190 420 320 424 480 420 L480 456 L300 456 C200 452 130 420 90 380 Z", "#d7dfe4"),
        rect(470, 330, [30, 128], stuff.metalDark, 6),
        area("M498 346 L680 340 C720 340 726 400 690 416 L600 410 L498 420 Z", main),
        area("M498 346 L680 340 C696 340 706 350 710 364 L498 368 Z", light),
        at([540, 600, 660], (x) => disc(x, 382, 10, dark)),
      ],
    ),
  ],
  apron: ({ main, dark, light }) => [
    line("M320 220 C310 100 490 100 480 220", dark, 16),
    line("M240 390 L150 420 M560 390 L650 420", dark, 14),
    area("M310 210 L490 210 C496 300 540 340 570 370 L590 640 L210 640 L230 370 C260 340 304 300 310 210 Z", main),
    area("M310 210 L350 210 L300 640 L210 640 L230 370 C260 340 304 300 310 210 Z", light),
    rect(300, 430, [200, 130], dark, 14),
    rect(300, 424, [200, 120], main, 14),
    line("M400 424 L400 540", dark, 4),
    line("M320 228 L480 228", stuff.paper, 4),
  ],
} as const satisfies Readonly<Record<string, Motif>>;
