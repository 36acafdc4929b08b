// Beffroi: what the pages gain from a script. They work without it; nothing here decides anything.

import "./theme.js";
import "./clocks.js";
import "./media.js";
import "./dialogs.js";
import "./decide.js";
import "./queue.js";
import "./keys.js";
import "./live.js";
import "./passkey.js";
import "./warn.js";
