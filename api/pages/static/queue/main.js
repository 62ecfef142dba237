// The queue page.

import { byId } from "../common/dom.js";
import { KeyField } from "../common/key_field.js";
import { Service } from "../common/service.js";
import { initTheme } from "../common/theme.js";

initTheme();
const key = new KeyField();
const service = new Service(() => key.value);
byId("status").textContent = service ? "Ready." : "";
