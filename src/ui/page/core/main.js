// SPDX-License-Identifier: MIT
import { start } from "./app.js";

start();
