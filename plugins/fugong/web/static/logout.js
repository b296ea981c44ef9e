// Whoever logs out leaves nothing typed behind on this computer.
import { forgetAll } from "./draft.js";

const form = document.querySelector("form[action$='/logout']");
form?.addEventListener("submit", () => forgetAll(document.body.dataset.account));
