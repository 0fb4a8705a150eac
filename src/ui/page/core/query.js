// SPDX-License-Identifier: MIT
// What follows the "?" of an address. What is empty is not said.

// {q: "ada", cursor: null} → "?q=ada"; "" when nothing is left.
export function queryOf(values) {
  const given = Object.entries(values).filter(([, value]) => value !== undefined && value !== null && value !== "");
  return given.length > 0 ? `?${new URLSearchParams(given)}` : "";
}
