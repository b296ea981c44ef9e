// Scrolls to the row and the cell that were asked for, within the sheet.
const row = document.getElementById("aim");
if (row) {
  (row.querySelector("td.aim") ?? row).scrollIntoView({ block: "center", inline: "center" });
}
