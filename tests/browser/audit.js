// Run in the page by test_pages.py: answers a list of sentences, each one thing that WCAG 2.2 AA would not have.
() => {
  const wrong = [];
  const shown = (element) => element.checkVisibility({ visibilityProperty: true }) && element.getClientRects().length > 0;
  const named = (element) => `${element.tagName.toLowerCase()}${element.id ? "#" + element.id : ""} “${(element.textContent || element.name || "").trim().slice(0, 40)}”`;
  const all = (selector) => [...document.querySelectorAll(selector)].filter(shown);

  // Language, title, landmarks (3.1.1, 2.4.2, 1.3.1)
  if (document.documentElement.lang !== "en-GB") wrong.push("the page has no language");
  if (!document.title.trim()) wrong.push("the page has no title");
  for (const landmark of ["header", "main", "footer"])
    if (document.querySelectorAll(`body > ${landmark}`).length !== 1) wrong.push(`not exactly one ${landmark}`);

  // Headings in order, one h1 (1.3.1)
  const levels = all("h1, h2, h3, h4").map((heading) => Number(heading.tagName[1]));
  if (levels.filter((level) => level === 1).length !== 1) wrong.push(`${levels.filter((level) => level === 1).length} first headings`);
  levels.forEach((level, at) => { if (at && level > levels[at - 1] + 1 && !document.querySelector(".problems")) wrong.push(`heading ${level} after ${levels[at - 1]}`); });

  // Names of controls, links and pictures (1.1.1, 4.1.2, 3.3.2)
  for (const control of all("input:not([type=hidden]), select, textarea"))
    if (![...(control.labels || [])].some((label) => label.textContent.trim())) wrong.push(`${named(control)} has no label`);
  for (const pressed of all("a, button, summary"))
    if (!pressed.textContent.trim() && !pressed.querySelector("img[alt]:not([alt=''])")) wrong.push(`${named(pressed)} has no name`);
  for (const image of document.querySelectorAll("img")) if (!image.hasAttribute("alt")) wrong.push(`${image.src} has no alt`);
  for (const group of all("input[type=radio]")) if (!group.closest("fieldset")?.querySelector("legend")) wrong.push(`${named(group)} is in no named group`);
  const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
  ids.filter((id, at) => ids.indexOf(id) !== at).forEach((id) => wrong.push(`the id ${id} comes twice`));
  for (const element of document.querySelectorAll("[aria-describedby], [aria-labelledby]"))
    for (const id of `${element.getAttribute("aria-describedby") || ""} ${element.getAttribute("aria-labelledby") || ""}`.trim().split(/\s+/))
      if (!document.getElementById(id)) wrong.push(`${named(element)} points to ${id}, which is not there`);

  // Targets of at least 24 by 24, but for links within a sentence (2.5.8)
  for (const target of all("button, .button, input:not([type=hidden]), select, textarea, summary, nav a")) {
    const box = target.getBoundingClientRect();
    if (box.width < 24 || box.height < 24) wrong.push(`${named(target)} is only ${Math.round(box.width)} by ${Math.round(box.height)}`);
  }

  // No scrolling sideways at 320 pixels (1.4.10)
  if (document.documentElement.scrollWidth > document.documentElement.clientWidth)
    wrong.push(`the page is ${document.documentElement.scrollWidth} wide in a window of ${document.documentElement.clientWidth}`);

  // Contrast of every text with what is behind it (1.4.3)
  const channels = (colour) => colour.match(/[\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((c) => c / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)).reduce((sum, c, at) => sum + c * [0.2126, 0.7152, 0.0722][at], 0);
  const ground = (element) => {
    for (let one = element; one; one = one.parentElement) {
      const [r, g, b, a = 1] = channels(getComputedStyle(one).backgroundColor);
      if (a > 0.9) return [r, g, b];
    }
    return [255, 255, 255];
  };
  let looked = 0;
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const parent = walker.currentNode.parentElement;
    if (!walker.currentNode.textContent.trim() || !shown(parent) || parent.closest(".unseen")) continue;
    const style = getComputedStyle(parent);
    const [one, two] = [light(channels(style.color)), light(ground(parent))].sort((a, b) => b - a);
    const size = parseFloat(style.fontSize);
    const least = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700) ? 3 : 4.5;
    looked += 1;
    if ((one + 0.05) / (two + 0.05) < least) wrong.push(`${named(parent)}: contrast ${((one + 0.05) / (two + 0.05)).toFixed(2)}`);
  }
  // Edges of fields (1.4.11)
  for (const field of all("input[type=text], input[type=password], input[type=number], select, textarea")) {
    const [one, two] = [light(channels(getComputedStyle(field).borderTopColor)), light(ground(field.parentElement))].sort((a, b) => b - a);
    if ((one + 0.05) / (two + 0.05) < 3) wrong.push(`${named(field)}: its edge can hardly be seen`);
  }
  if (!looked) wrong.push("no text was looked at");
  return wrong;
}
