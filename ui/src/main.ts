import { mount } from "svelte";

import App from "./app.svelte";
import "./styles/colour.css";
import "./styles/type.css";
import "./styles/space.css";
import "./styles/base.css";
import "./styles/rooms.css";

mount(App, { target: document.getElementById("app")! });
