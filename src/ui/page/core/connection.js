// SPDX-License-Identifier: MIT
// How an org's connection to its directory stands, in a word and in a sentence.
import { badge } from "./pieces.js";
import { t } from "./text.js";

const KIND = { disconnected: "quiet", connected: "info", active: "good", failing: "bad" };

export const stateBadge = ({ state }) => badge(KIND[state], t(`connection.state.${state}`));

export const stateSentence = ({ state }) => t(`connection.is.${state}`);

// Whether auto-sync is on. A connection that is not known yet (null) has none.
export const isEnabled = (connection) => connection?.state === "active" || connection?.state === "failing";
