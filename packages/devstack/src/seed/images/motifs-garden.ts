import { area, at, disc, line, type Motif, oval, rect, sheer, stuff, turned } from "./shapes.ts";

const leafAt = (x: number, y: number, degrees: number, fill: string) =>
  turned(
    degrees,
    [x, y],
    [
      area(
        `M${x} ${y} C${x - 60} ${y - 60} ${x - 50} ${y - 150} ${x} ${y - 200} C${x + 50} ${y - 150} ${x + 60} ${y - 60} ${x} ${y} Z`,
        fill,
      ),
    ],
  );

export const gardenMotifs = {
  plantPot: ({ main, dark, light }) => [
    leafAt(400, 420, -50, stuff.leafDark),
    leafAt(400, 420, 50, stuff.leafDark),
    leafAt(400, 430, -24, stuff.leaf),
    leafAt(400, 430, 26, stuff.leaf),
    leafAt(400, 420, 0, "#79a873"),
    area("M260 440 L540 440 L500 640 L300 640 Z", main),
    area("M260 440 L330 440 L344 640 L300 640 Z", light),
    rect(236, 400, [328, 66], main, 14),
    rect(236, 400, [100, 66], light, 14),
    area("M266 466 L534 466 L532 484 L268 484 Z", dark),
    oval(400, 650, [150, 20], dark),
  ],
  hangingPlanter: ({ main, dark, light }) => [
    line("M400 0 L400 120 M400 120 L250 410 M400 120 L550 410", stuff.woodDark, 8),
    disc(400, 120, 14, stuff.woodDark),
    leafAt(400, 410, -28, stuff.leaf),
    leafAt(400, 410, 30, stuff.leaf),
    leafAt(400, 410, 0, stuff.leafDark),
    area("M230 400 L570 400 C570 520 500 580 400 580 C300 580 230 520 230 400 Z", main),
    area("M230 400 L310 400 C310 500 340 556 400 580 C300 580 230 520 230 400 Z", light),
    rect(220, 388, [360, 34], dark, 16),
    line("M280 410 C250 500 290 540 260 640 M500 410 C540 490 500 550 530 660", stuff.leafDark, 9),
    at(
      [0, 1, 2],
      (n) =>
        oval(262 + n * 6, 490 + n * 62, [26, 15], stuff.leaf) + oval(526 - n * 4, 500 + n * 66, [26, 15], stuff.leaf),
    ),
  ],
  wateringCan: ({ main, dark, light }) => [
    line("M330 320 C330 170 560 150 610 330 C630 420 620 520 580 560", dark, 26),
    line("M290 560 L150 330", main, 38),
    turned(
      -32,
      [140, 310],
      [rect(90, 290, [110, 40], dark, 14), at([104, 128, 152, 176], (x) => disc(x, 296, 6, stuff.paper))],
    ),
    area("M270 340 L560 340 L590 620 C590 646 574 655 550 655 L280 655 C256 655 240 646 240 620 Z", main),
    area("M270 340 L340 340 L320 655 L280 655 C256 655 240 646 240 620 Z", light),
    oval(415, 340, [145, 26], dark),
    line("M252 500 L578 500", dark, 8),
    sheer(0.9, [at([0, 1, 2], (n) => oval(80 + n * 26, 400 + n * 54, [9, 16], "#86b0cf"))]),
  ],
  herbKit: ({ main, dark, light }) => [
    rect(120, 520, [560, 134], dark, 14),
    rect(120, 510, [560, 130], main, 14),
    line("M150 575 L650 575", light, 6),
    at(
      [230, 400, 570],
      (x) =>
        area(`M${x - 66} 380 L${x + 66} 380 L${x + 50} 520 L${x - 50} 520 Z`, "#c86a4b") +
        rect(x - 74, 362, [148, 34], "#d98a6e", 10),
    ),
    line("M230 362 L230 250 M230 300 L196 260 M230 310 L264 270", stuff.leafDark, 9),
    at([196, 230, 264], (x) => oval(x, x === 230 ? 236 : 250, [26, 34], stuff.leaf)),
    at([360, 385, 415, 440], (x) => line(`M400 362 Q${x} 300 ${x + (x - 400)} 200`, "#79a873", 10)),
    line("M570 362 L570 270", stuff.leafDark, 9),
    disc(540, 270, 40, stuff.leafDark),
    disc(600, 276, 38, stuff.leaf),
    disc(570, 230, 42, "#79a873"),
  ],
  raisedBed: ({ main, dark, light }) => [
    area("M140 430 L660 430 L700 480 L100 480 Z", stuff.soil),
    at(
      [190, 300, 410, 520, 620],
      (x) =>
        line(`M${x} 456 L${x} 380`, stuff.leafDark, 9) +
        oval(x - 26, 380, [32, 20], stuff.leaf) +
        oval(x + 26, 366, [32, 20], "#79a873") +
        oval(x, 336, [22, 34], stuff.leaf),
    ),
    disc(300, 330, 22, "#c1432f"),
    disc(520, 340, 22, "#c1432f"),
    disc(410, 320, 20, "#d8a02c"),
    rect(100, 474, [600, 60], main, 4),
    rect(100, 536, [600, 60], light, 4),
    rect(100, 598, [600, 58], main, 4),
    at([106, 386, 662], (x) => rect(x, 466, [34, 194], dark, 4)),
  ],
  birdHouse: ({ main, dark, light, deep }) => [
    rect(384, 560, [32, 150], stuff.woodDark),
    area("M260 310 L400 190 L540 310 L520 580 L280 580 Z", main),
    area("M260 310 L400 190 L400 580 L280 580 Z", light),
    area("M210 330 L400 150 L590 330 L560 360 L400 212 L240 360 Z", deep),
    disc(400, 380, 56, dark),
    disc(400, 384, 46, stuff.ink),
    line("M400 476 L400 500", stuff.woodDark, 14),
    rect(250, 570, [300, 34], deep, 8),
    oval(492, 540, [46, 30], "#86b0cf"),
    disc(528, 516, 22, "#86b0cf"),
    area("M548 512 L572 518 L548 526 Z", "#d8a02c"),
    area("M452 536 L410 520 L450 556 Z", "#5d8fb3"),
    disc(534, 512, 4, stuff.ink),
  ],
  hose: ({ main, dark, light }) => [
    disc(380, 440, 220, dark),
    at(
      [204, 168, 132, 96],
      (r) =>
        `<circle cx="380" cy="432" r="${r}" fill="none" stroke="${r % 24 === 12 ? main : light}" stroke-width="32"/>`,
    ),
    disc(380, 432, 78, stuff.paper),
    line("M590 470 C640 560 660 600 640 650", main, 32),
    line("M380 230 C480 160 560 160 600 190", main, 32),
    turned(
      28,
      [630, 200],
      [rect(590, 176, [70, 52], stuff.ink, 10), area("M660 180 L730 164 L730 240 L660 224 Z", "#d8a02c")],
    ),
  ],
  fireBowl: ({ main, dark, light, deep }) => [
    area(
      "M400 120 C440 220 540 260 520 380 C510 430 470 450 400 450 C330 450 290 430 280 380 C266 300 360 250 400 120 Z",
      "#e0662f",
    ),
    area(
      "M410 230 C430 300 490 320 480 390 C474 430 440 446 400 446 C360 446 330 430 324 394 C318 330 390 310 410 230 Z",
      "#f0a43c",
    ),
    area(
      "M402 330 C416 370 440 380 434 412 C430 436 416 446 400 446 C382 446 368 436 366 414 C364 384 394 370 402 330 Z",
      stuff.glow,
    ),
    turned(-14, [400, 440], [rect(280, 420, [240, 36], stuff.woodDark, 18)]),
    turned(14, [400, 440], [rect(280, 420, [240, 36], stuff.wood, 18)]),
    line("M290 560 L250 655 M510 560 L550 655", deep, 20),
    area("M150 450 L650 450 C640 560 540 610 400 610 C260 610 160 560 150 450 Z", main),
    area("M150 450 L240 450 C250 540 300 590 400 610 C260 610 160 560 150 450 Z", light),
    rect(136, 436, [528, 30], dark, 15),
  ],
} as const satisfies Readonly<Record<string, Motif>>;
