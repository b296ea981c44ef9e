// The slider of days: moves the date while it is dragged, asks for the page when it is let go.
// A moment that was not looked at before takes seconds to compute: the form says so.
const form = document.querySelector("form.moment");
const busy = form?.querySelector(".busy");
const wait = () => {
  busy.textContent = busy.dataset.text;
};
if (busy) {
  form.addEventListener("submit", wait);
  for (const link of form.querySelectorAll(".steps a")) link.addEventListener("click", wait);
  window.addEventListener("pageshow", () => {
    busy.textContent = "";
  });
}
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
