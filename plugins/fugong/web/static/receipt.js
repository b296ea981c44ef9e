// Shows the sheet on the page of its receipt, and leads from a sentence to its cell.
const place = document.querySelector("#drawn");
if (place) {
  const answer = await fetch(place.dataset.from, { headers: { Accept: "text/html" } });
  if (answer.ok && !answer.redirected) {
    const sheets = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("#sheets");
    place.replaceWith(document.importNode(sheets, true));
    for (const link of document.querySelectorAll("a.place")) {
      if (document.getElementById(decodeURIComponent(link.hash.slice(1)))) link.href = link.hash;
    }
    if (location.hash) document.getElementById(decodeURIComponent(location.hash.slice(1)))?.scrollIntoView({ block: "center" });
  }
}
