// Puts the reader's own time before the series' in each `.when` where it differs, and remembers the zone
// in a cookie for the server, which writes the same (core/own_time.py).

// Zone names that browsers still report but readers no longer use.
const RENAMED = {
  "Asia/Calcutta": "Asia/Kolkata",
  "Asia/Katmandu": "Asia/Kathmandu",
  "Asia/Rangoon": "Asia/Yangon",
  "Asia/Saigon": "Asia/Ho_Chi_Minh",
  "Europe/Kiev": "Europe/Kyiv",
};
const reported = Intl.DateTimeFormat().resolvedOptions().timeZone;
const device = RENAMED[reported] ?? reported;
const page = document.documentElement.dataset;
const written = page.zone; // the zone that the server knew, from the account or from the cookie
const own = page.zoneOf === "account" ? written : device;
page.zone = own; // zone.js runs later and reads it
const place = city(own);
page.place = place; // zone.js reads it
const twelve = document.documentElement.dataset.clock === "12";
const formats = new Map();

/** Returns "Los Angeles" for "America/Los_Angeles", "UTC+5" for "Etc/GMT-5", like core/zones.py. */
function city(zone) {
  const fixed = /^(?:Etc\/)?GMT([+-]?\d{1,2})$/.exec(zone);
  if (!fixed) return zone.split("/").pop().replaceAll("_", " ");
  const hours = -Number(fixed[1]);
  const name = hours ? `UTC${hours > 0 ? "+" : "\u2212"}${Math.abs(hours)}` : "UTC";
  return hours === -12 ? `${name} (anywhere on earth)` : name;
}

/** Returns by how many minutes the local time in `zone` is ahead of UTC at `at`. */
function ahead(at, zone) {
  const format = new Intl.DateTimeFormat("en-GB", { timeZone: zone, timeZoneName: "longOffset" });
  const name = format.formatToParts(at).find(({ type }) => type === "timeZoneName").value;
  const [, sign, hours, minutes] = /([+-])(\d+):(\d+)/.exec(name) ?? [0, "+", 0, 0];
  return Number(`${sign}${Number(hours) * 60 + Number(minutes)}`);
}

/** Returns the time of day, with its offset like core/time_format.py: in an hour that occurs twice, and
    if the other end of a span, `beside`, has another offset. */
function clock(at, zone, beside = at) {
  const own = ahead(at, zone);
  const near = [-3, 3].map((hours) => ahead(new Date(at.getTime() + hours * 3600000), zone));
  const occursTwice = near.some(
    (other) => other !== own && ahead(new Date(at.getTime() + (own - other) * 60000), zone) === other,
  );
  const said = wall(at, zone).clock;
  if (!occursTwice && ahead(beside, zone) === own) return said;
  const two = (number) => String(number).padStart(2, "0");
  const size = Math.abs(own);
  return `${said} (UTC${own < 0 ? "-" : "+"}${two(Math.floor(size / 60))}:${two(size % 60)})`;
}

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
  const where = seriesChanged ? city(zone) : place;
  const last = at - before <= 8 * 86400000 ? "last week" : "last time";
  const way = moved < 0 ? "earlier" : "later";
  return `${length(Math.abs(moved))} ${way} for you than ${last}: clocks changed in ${where}`;
}

function span(name, text) {
  const element = document.createElement("span");
  if (name) element.className = name;
  element.textContent = text;
  return element;
}

/** Puts the reader's own time first, or takes it away if it is the time of the series. */
function fill(box) {
  const { starts, ends, zone, previous, day } = box.dataset;
  const at = new Date(starts);
  const here = wall(at, own);
  const there = wall(at, zone);
  const line = box.querySelector(".is-own");
  line.hidden = false;
  const note = box.querySelector(".shift-note");
  line.replaceChildren();
  note?.remove();
  if (here.clock === there.clock && here.day === there.day) {
    if ("same" in box.dataset) line.append(span("when-zone", "the same time for you"));
    box.append(line);
    return;
  }
  const clocks = span("when-time", "");
  if (day !== undefined) clocks.append(`${here.words}, `);
  else if (here.day !== there.day) clocks.append(`${here.words.split(" ")[0]} `);
  const end = ends ? new Date(ends) : at;
  clocks.append(span("", clock(at, own, end)));
  if (ends) clocks.append(span("when-end", `–${clock(end, own, at)}`));
  const whose = span("when-zone", "your time");
  whose.append(span("when-city", `, ${place}`));
  line.append(clocks, " ", whose);
  box.prepend(line);
  const shifted = previous ? shiftNote(at, new Date(previous), zone) : "";
  if (shifted) box.append(span("shift-note", shifted));
}

/** Says in a date block which date the reader has, if it is another one: "Sat 28 for you". */
function fillDate(block) {
  const at = new Date(block.dataset.at);
  const here = wall(at, own);
  const differs = here.day !== wall(at, block.dataset.zone).day;
  const day = here.words.split(" ").slice(0, 2).join(" ");
  block.querySelector(".date-own").replaceChildren(...(differs ? [span("", day), " ", span("", "for you")] : []));
}

function fillAll(root) {
  for (const [selector, fillOne] of [[".when[data-starts]", fill], [".date-block[data-at]", fillDate]]) {
    for (const element of root.querySelectorAll(selector)) {
      try {
        fillOne(element);
      } catch (refusal) {
        // The browser does not know the zone: only the series' time is shown.
        if (!(refusal instanceof RangeError)) throw refusal;
      }
    }
  }
}

if (own !== written) {
  // From the next page on the server writes the reader's own time itself.
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `zone=${own}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
  fillAll(document);
  document.addEventListener("convenor:replaced", (event) => fillAll(event.target));
}
