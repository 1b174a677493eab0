import { area, at, disc, line, type Motif, oval, rect, stuff, turned } from "./shapes.ts";

const blade = "#d7dfe4";

export const toolMotifs = {
  foldingKnife: ({ main, dark, light }) => [
    turned(
      -30,
      [400, 420],
      [
        area("M110 400 C170 352 270 348 410 356 L410 430 L260 436 C190 436 140 424 110 400 Z", stuff.metal),
        area("M110 400 C200 412 300 410 410 406 L410 430 L260 436 C190 436 140 424 110 400 Z", blade),
        line("M200 376 L300 372", stuff.metalDark, 6),
        area("M390 344 L640 350 C720 356 730 450 650 456 L390 448 C370 420 370 370 390 344 Z", main),
        area("M390 344 L640 350 C670 352 690 368 698 386 L384 380 Z", light),
        disc(416, 398, 20, stuff.metalDark),
        disc(416, 398, 9, blade),
        at([520, 600], (x) => disc(x, 404, 8, dark)),
        disc(680, 404, 12, dark),
      ],
    ),
  ],
  hatchet: ({ main, dark, light }) => [
    turned(
      32,
      [400, 400],
      [
        area("M380 180 L430 180 C436 360 440 480 470 640 C470 668 410 672 400 644 C380 500 376 360 380 180 Z", main),
        line("M396 210 C400 400 404 500 424 640", light, 10),
        area(
          "M350 170 L440 170 L440 290 L350 290 C300 300 270 330 240 370 C200 300 200 170 236 96 C270 136 300 164 350 170 Z",
          stuff.metalDark,
        ),
        area("M240 370 C200 300 200 170 236 96 C244 106 252 118 260 128 C240 200 240 280 264 340 Z", blade),
        rect(388, 160, [36, 20], dark, 4),
        line("M392 570 L464 560", dark, 12),
      ],
    ),
  ],
  trowel: ({ main, dark, light }) => [
    turned(
      40,
      [400, 400],
      [
        area(
          "M330 380 C320 300 340 260 400 260 C460 260 480 300 470 380 C470 520 440 620 400 690 C360 620 330 520 330 380 Z",
          stuff.metal,
        ),
        area("M400 290 C370 320 360 480 400 660 C440 480 430 320 400 290 Z", blade),
        line("M400 280 L400 220", stuff.metalDark, 26),
        rect(362, 60, [76, 180], main, 36),
        rect(362, 60, [28, 180], light, 14),
        at([110, 140, 170], (y) => line(`M376 ${y} L424 ${y}`, dark, 6)),
      ],
    ),
  ],
  secateurs: ({ main, dark, light }) => [
    turned(
      18,
      [400, 400],
      [
        area("M404 330 C330 260 320 160 370 90 C430 130 450 240 430 330 Z", stuff.metal),
        area("M404 330 C360 260 350 170 370 90 C330 160 330 260 404 330 Z", blade),
        area("M390 330 C440 270 500 220 520 150 C540 240 500 310 440 360 Z", stuff.metalDark),
        line("M390 350 C330 430 310 520 330 660", main, 48),
        line("M430 350 C490 430 520 520 500 650", dark, 48),
        line("M376 380 C332 450 318 530 330 640", light, 10),
        line("M384 430 C410 450 430 450 450 430", stuff.metalDark, 10),
        disc(412, 346, 30, stuff.ink),
        disc(412, 346, 12, stuff.metal),
      ],
    ),
  ],
  hammer: ({ main, dark, light }) => [
    turned(
      -34,
      [400, 400],
      [
        rect(376, 220, [52, 460], main, 24),
        rect(376, 240, [18, 420], light, 9),
        rect(370, 480, [64, 200], dark, 26),
        area("M290 150 L500 150 L500 244 L290 244 Z", stuff.metalDark),
        rect(490, 136, [70, 122], stuff.ink, 14),
        area("M300 150 C220 150 170 190 140 260 C190 236 230 240 300 244 Z", stuff.metalDark),
        area("M300 190 C240 190 200 210 176 240 C220 226 250 230 300 232 Z", stuff.metal),
        rect(366, 130, [72, 124], stuff.metal, 8),
      ],
    ),
  ],
  toolbox: ({ main, dark, light, deep }) => [
    line("M290 330 L290 250 L510 250 L510 330", stuff.ink, 26),
    rect(340, 236, [120, 30], stuff.wood, 15),
    area("M170 400 L240 320 L560 320 L630 400 Z", light),
    rect(140, 392, [520, 260], main, 22),
    rect(140, 392, [520, 60], dark, 20),
    rect(250, 420, [50, 70], stuff.metal, 8),
    rect(500, 420, [50, 70], stuff.metal, 8),
    rect(330, 530, [140, 60], stuff.paper, 10),
    line("M352 560 L448 560", deep, 8),
    at([170, 630], (x) => disc(x, 624, 9, deep)),
  ],
  foldingSaw: ({ main, dark, light }) => [
    turned(
      -24,
      [400, 420],
      [
        area("M70 420 L440 350 L440 440 L110 452 Z", stuff.metal),
        area(
          `M110 452 ${Array.from({ length: 20 }, (_, n) => `L${118 + n * 16} ${468 - n * 0.4} L${126 + n * 16} ${451 - n * 0.6}`).join(" ")} Z`,
          stuff.metalDark,
        ),
        line("M130 428 L430 374", blade, 8),
        area(
          "M420 340 L560 344 C640 350 720 380 740 440 C740 480 700 484 660 470 C600 450 520 456 420 458 C400 420 400 380 420 340 Z",
          main,
        ),
        area("M420 340 L560 344 C630 348 690 372 720 404 C640 380 520 372 412 380 Z", light),
        disc(446, 398, 22, stuff.ink),
        line("M540 404 L660 420", dark, 16),
        oval(706, 446, [12, 10], dark),
      ],
    ),
  ],
} as const satisfies Readonly<Record<string, Motif>>;
