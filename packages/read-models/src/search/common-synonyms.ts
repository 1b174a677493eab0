/**
 * What English-speaking shoppers call the same thing, one group a line. With `>` only the left side also finds the right one:
 * who asks for a DSLR is shown SLR cameras, who asks for an SLR camera is not shown every DSLR kit for it.
 */
export const commonSynonyms = `
laptop, notebook, laptop computer, notebook computer
tv, television, telly
smartphone, cell phone, mobile phone, cellphone
phone > telephone, smartphone, mobile phone, cell phone
headphone, headset, earphone
earbud, earphone, in ear headphone
earbud > in ear
usb stick, usb drive, usb flash drive, flash drive, thumb drive, pen drive, memory stick
hard drive, hard disk, hdd, hard disk drive
ssd, solid state drive
ram > memory module, memory
processor, cpu
graphics card, graphic card, video card, gpu
motherboard, mainboard
power supply, power supply unit, psu
ups, uninterruptible power supply
battery backup > ups, uninterruptible power supply
ac adapter, power adapter, charger
power strip > surge protector, extension lead
power cord, power cable, mains cable
ethernet cable, network cable, patch cable, lan cable
wifi, wlan
wifi > wireless
wireless, cordless
computer monitor, computer display, computer screen
monitor > display
webcam, web camera
dslr > slr
sd card > memory card, sdhc, sdxc
micro sd, microsd
memory card, flash card
label maker, label printer
all in one printer, multifunction printer, mfp
copy paper, printer paper, printing paper, copier paper
docking station, dock, port replicator
mouse pad, mouse mat
laptop bag, laptop case, notebook bag, notebook case, laptop sleeve, notebook sleeve
backpack, rucksack, knapsack
handbag, purse
suitcase, luggage
duffel, duffle
duffel bag, holdall
t shirt, tee, tee shirt
sweater, jumper, pullover
hoodie, hooded sweatshirt
pants, trousers, slacks
leggings > tights
sneaker, trainer, tennis shoe, athletic shoe
flip flop, thong sandal
pajama, sleepwear, nightwear
swimsuit, bathing suit, swimwear
raincoat, rain jacket
eyeglass, spectacle
sofa, couch, settee
sofa bed, sleeper sofa
ottoman, footstool, pouf
nightstand, bedside table, night table
chest of drawers > dresser
wardrobe, armoire
bookcase, bookshelf
tv stand, media console, entertainment center, tv unit
rug, carpet, area rug
curtain, drape, drapery
duvet, comforter
throw pillow, accent pillow, cushion
bedding, bed linen
floor lamp, standing lamp
trash can, garbage can, waste bin, rubbish bin, wastebasket
faucet, tap
bathtub, tub
countertop, worktop
refrigerator, fridge
cooktop, hob
vacuum cleaner, vacuum, hoover
hair dryer, blow dryer
electric shaver, electric razor
coffee maker, coffee machine
frying pan, skillet, fry pan
flatware, cutlery, silverware
grill, barbecue, bbq
string trimmer, weed eater, grass trimmer
wrench, spanner
flashlight > torch
utility knife, box cutter
drywall, plasterboard, sheetrock
extension cord, extension lead
outlet > receptacle
stroller, pushchair, pram
diaper, nappy
pacifier, soother
bicycle, bike
dumbbell, hand weight
jump rope, skipping rope
exercise ball, stability ball, gym ball, yoga ball
ice chest, cool box
moisturizer, moisturiser
perfume, fragrance, cologne
nail polish, nail varnish
felt pen, felt tip pen, marker
binder, ring binder
notepad, writing pad
paper shredder, shredder
speaker, loudspeaker
remote control, remote
tv mount, tv bracket, tv wall mount, flat panel mount, flat screen mount
wall mount, wall bracket
projector screen, projection screen
projector lamp, projector bulb
projector, beamer
walkie talkie, two way radio
fitness tracker, activity tracker
smartwatch, smart watch
power bank, portable charger
phone case, phone cover
button cell, coin cell
aa battery > lr6, mignon
aaa battery > lr03
warranty > guarantee, service
woman, lady, female
man, male
kid, child
baby, infant
rechargeable, nimh
full hd, 1080p
ultra hd, 4k, uhd
`.trim();
