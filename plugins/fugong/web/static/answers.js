import { keep } from "./draft.js";

keep(document.querySelector("#answers"), () => {});
