// Adds the reader's own time to each `.local-time` element if it differs from the series' time.

// Zone names that browsers still report but readers no longer use.
const RENAMED = {
  "Asia/Calcutta": "Asia/Kolkata",
  "Asia/Katmandu": "Asia/Kathmandu",
  "Asia/Rangoon": "Asia/Yangon",
  "Asia/Saigon": "Asia/Ho_Chi_Minh",
  "Europe/Kiev": "Europe/Kyiv",
};
const reported = Intl.DateTimeFormat().resolvedOptions().timeZone;
const own = RENAMED[reported] ?? reported;
document.documentElement.dataset.zone = own; // zone.js runs later and reads it
const place = own.split("/").pop().replaceAll("_", " ");
const twelve = document.documentElement.dataset.clock === "12";
const formats = new Map();

/** Returns the local time at `at` in `zone`; `day` is a date like "27/11/2026" to compare. */
function wall(at, zone) {
  if (!formats.has(zone)) {
    formats.set(zone, new Intl.DateTimeFormat("en-GB", {
      timeZone: zone, weekday: "short", day: "numeric", month: "numeric", year: "numeric",
      hour: "2-digit", minute: "2-digit", hourCycle: "h23",
    }));
  }
  const part = Object.fromEntries(formats.get(zone).formatToParts(at).map(({ type, value }) => [type, value]));
  return {
    clock: timeOfDay(Number(part.hour), part.minute),
    minutes: Number(part.hour) * 60 + Number(part.minute),
    day: `${part.day}/${part.month}/${part.year}`,
    words: `${part.weekday} ${Number(part.day)} ${months[Number(part.month) - 1]}`,
  };
}

/** Returns "16:00", on the 12 hour clock "4:00 pm", like core/time_format.py. */
function timeOfDay(hour, minute) {
  if (!twelve) return `${String(hour).padStart(2, "0")}:${minute}`;
  return `${((hour + 11) % 12) + 1}:${minute} ${hour < 12 ? "am" : "pm"}`;
}

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** Returns by how many minutes the local time at `at` is later than at `before`, from -720 to 719. */
function shift(at, before, zone) {
  const late = wall(at, zone).minutes - wall(before, zone).minutes;
  return ((late + 2160) % 1440) - 720;
}

function length(minutes) {
  if (minutes === 60) return "one hour";
  return minutes % 60 ? `${minutes} minutes` : `${minutes / 60} hours`;
}

/** Returns "one hour earlier for you than last week: clocks changed in Los Angeles", or "". */
function shiftNote(at, before, zone) {
  const moved = shift(at, before, own);
  const theirs = shift(at, before, zone);
  if (moved === 0 || theirs !== 0) return "";
  const elapsed = Math.round((at - before) / 60000) % 1440;
  const seriesChanged = elapsed !== 0;
  const where = seriesChanged ? zone.split("/").pop().replaceAll("_", " ") : place;
  const last = at - before <= 8 * 86400000 ? "last week" : "last time";
  const way = moved < 0 ? "earlier" : "later";
  return `${length(Math.abs(moved))} ${way} for you than ${last}: clocks changed in ${where}`;
}

function span(name, text) {
  const element = document.createElement("span");
  element.className = name;
  element.textContent = text;
  return element;
}

function fill(slot) {
  const { zone, ends, previous, show } = slot.dataset;
  const at = new Date(slot.dateTime);
  const here = wall(at, own);
  const there = wall(at, zone);
  if (here.clock === there.clock && here.day === there.day) return;
  const otherDay = here.day !== there.day;
  const day = show === "moment" || otherDay ? `${here.words}, ` : "";
  // There is room for one line: if the day differs, its name replaces the end.
  const until = ends && (show === "moment" || !otherDay) ? `–${wall(new Date(ends), own).clock}` : "";
  const note = previous ? shiftNote(at, new Date(previous), zone) : "";
  slot.append(span("when-time", `${day}${here.clock}${until}`), " ", span("when-zone", `${place}, your time`));
  if (note) slot.append(" ", span("shift-note", note));
}

function fillAll(root) {
  for (const slot of root.querySelectorAll("time.local-time:empty")) {
    try {
      fill(slot);
    } catch (refusal) {
      // The browser does not know the zone: only the series' time is shown.
      if (!(refusal instanceof RangeError)) throw refusal;
    }
  }
}

fillAll(document);
document.addEventListener("convenor:replaced", (event) => fillAll(event.target));
