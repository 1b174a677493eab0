// Before the first paint, so that a dark dashboard never flashes white. A file of its own, because the page allows no inline script.
const wanted = localStorage.getItem("stoa.theme");
const isDark = wanted === "dark" || (wanted !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
document.documentElement.classList.toggle("dark", isDark);
