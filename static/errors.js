// Moves the focus to the error summary in browsers that ignore `autofocus` on it.

const summary = document.getElementById("errors");
if (document.activeElement !== summary) summary?.focus();
