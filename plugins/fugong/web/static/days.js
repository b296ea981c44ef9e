// The slider of days: moves the date while it is dragged, asks for the page when it is let go.
const form = document.querySelector("form.moment");
const slider = form?.querySelector("input[type=range]");
if (slider) {
  const date = form.querySelector("input[type=date]");
  const dayAt = (number) => {
    const day = new Date(`${slider.dataset.first}T00:00:00Z`);
    day.setUTCDate(day.getUTCDate() + Number(number));
    return day.toISOString().slice(0, 10);
  };
  slider.addEventListener("input", () => {
    date.value = dayAt(slider.value);
    slider.setAttribute("aria-valuetext", date.value);
  });
  slider.addEventListener("change", () => form.requestSubmit());
}
