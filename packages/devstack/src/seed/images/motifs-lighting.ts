import { area, at, disc, line, type Motif, oval, rect, sheer, stuff } from "./shapes.ts";

/** A bulb that hangs from a cord at this point. */
const bulb = (x: number, y: number, { socket, shine }: { readonly socket: string; readonly shine: string }) =>
  rect(x - 13, y - 8, [26, 34], socket, 6) +
  oval(x, y + 62, [32, 42], stuff.glow) +
  oval(x - 8, y + 54, [9, 16], shine);

export const lightingMotifs = {
  arcLamp: ({ main, dark, light }) => [
    sheer(0.55, [area("M470 330 L640 330 L720 640 L390 640 Z", stuff.glow)]),
    line("M250 650 L250 330 C250 180 320 130 430 140 C500 148 550 180 556 240", dark, 14),
    area("M466 330 C466 268 506 236 556 236 C606 236 646 268 646 330 Z", main),
    area("M466 330 C466 268 506 236 540 236 C510 256 500 290 498 330 Z", light),
    oval(556, 330, [90, 14], stuff.glow),
    oval(250, 652, [92, 20], dark),
    oval(250, 644, [92, 18], main),
  ],
  deskLamp: ({ main, dark, light }) => [
    line("M350 620 L280 410 L430 260", dark, 18),
    disc(280, 410, 22, main),
    disc(430, 260, 18, main),
    sheer(0.6, [area("M420 372 L640 290 L690 640 L400 640 Z", stuff.glow)]),
    area("M410 262 L500 196 C560 210 620 250 644 296 L420 376 C398 340 396 296 410 262 Z", main),
    area("M410 262 L500 196 C470 240 440 300 420 376 C398 340 396 296 410 262 Z", light),
    line("M424 372 L640 294", stuff.glow, 16),
    rect(240, 618, [230, 36], dark, 18),
    rect(240, 612, [230, 30], main, 15),
  ],
  pendant: ({ main, dark, light }) => [
    line("M400 0 L400 220", stuff.ink, 8),
    sheer(0.5, [area("M210 480 L590 480 L680 660 L120 660 Z", stuff.glow)]),
    rect(376, 200, [48, 60], dark, 12),
    area("M180 480 C180 340 270 250 400 250 C530 250 620 340 620 480 Z", main),
    area("M214 480 C214 360 290 266 400 250 C270 250 180 340 180 480 Z", light),
    oval(400, 480, [220, 30], dark),
    oval(400, 482, [196, 22], stuff.glow),
  ],
  globeLamp: ({ main, dark, light }) => [
    line("M330 660 L400 560 L470 660", stuff.woodDark, 14),
    line("M400 660 L400 560", stuff.wood, 14),
    disc(400, 370, 220, main),
    sheer(0.75, [disc(400, 370, 180, light), disc(400, 370, 110, stuff.glow)]),
    at([0, 1, 2, 3, 4], (n) => {
      const y = 220 + n * 75;
      const half = Math.round(Math.sqrt(220 ** 2 - (y - 370) ** 2));
      return line(`M${400 - half} ${y} Q400 ${y + 34} ${400 + half} ${y}`, dark, 4);
    }),
  ],
  lantern: ({ main, dark, light }) => [
    line("M340 190 C340 110 460 110 460 190", main, 14),
    area("M300 250 L400 170 L500 250 Z", dark),
    rect(270, 244, [260, 28], main, 10),
    rect(290, 272, [220, 310], stuff.glass, 6),
    sheer(0.8, [oval(400, 470, [86, 110], stuff.glow)]),
    rect(374, 470, [52, 112], stuff.paper, 8),
    area("M400 390 C424 430 424 462 400 470 C376 462 376 430 400 390 Z", "#f0a43c"),
    rect(282, 272, [18, 310], main),
    rect(500, 272, [18, 310], main),
    rect(392, 272, [10, 96], light),
    rect(256, 580, [288, 36], main, 10),
    rect(280, 616, [240, 36], dark, 10),
  ],
  stringLights: ({ main, light }) => [
    ...[270, 470].flatMap((height, row) => {
      const sag = (x: number) => Math.round(height + 36 * Math.sin(x / 105 + row * 1.4));
      const cord = Array.from({ length: 32 }, (_, n) => `${90 + n * 20} ${sag(90 + n * 20)}`).join(" L");
      return [
        line(`M${cord}`, stuff.ink, 8),
        at([150, 250, 350, 450, 550, 650], (x) => bulb(x, sag(x), { socket: main, shine: light })),
      ];
    }),
  ],
  sconce: ({ main, dark, light }) => [
    sheer(0.6, [area("M250 330 L550 330 L660 90 L140 90 Z", stuff.glow)]),
    oval(400, 540, [34, 26], dark),
    area("M200 340 L600 340 C600 460 510 540 400 540 C290 540 200 460 200 340 Z", main),
    area("M200 340 L290 340 C290 440 330 520 400 540 C290 540 200 460 200 340 Z", light),
    oval(400, 340, [200, 24], dark),
    oval(400, 340, [180, 18], stuff.glow),
  ],
} as const satisfies Readonly<Record<string, Motif>>;
