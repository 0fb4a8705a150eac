// SPDX-License-Identifier: MIT
// Line drawings of 20 by 20. They decorate: what they mean stands beside them in words.
import { h } from "./dom.js";

const PATHS = {
  team: "M7 9a3 3 0 1 0 0-6 3 3 0 0 0 0 6ZM1.5 17c0-3 2.5-5 5.500-5s5.500 2 5.500 5" +
    "M13 9a2.500 2.500 0 1 0 0-5M14.500 12.300c2.400.5 4 2.300 4 4.700",
  invite: "M2.500 5h15v10.500h-15zM2.500 5.500 10 11l7.500-5.500",
  hold: "M10 2.500 3.500 5v5c0 4 2.800 6.500 6.500 7.500 3.700-1 6.500-3.500 6.500-7.500V5zM10 6.500v4M10 13.200v.1",
  activity: "M2 10h3.500l2.500-6 4 12 2.500-6H18",
  settings: "M3 6h8M15 6h2M3 14h2M9 14h8M13 4v4M7 12v4",
  operations: "M3 17V10M8 17V4M13 17v-5M18 17V7",
  orgs: "M3 17.500V3.500h8v14M11 8.500h6v9M6 7h2M6 10.500h2M6 14h2M14 12h.1M14 15h.1",
  search: "M9 15A6 6 0 1 0 9 3a6 6 0 0 0 0 12ZM13.500 13.500 17.500 17.500",
  lock: "M5 9h10v8H5zM7 9V6.500a3 3 0 0 1 6 0V9",
  check: "M4 10.500 8.500 15 16 5.500",
  warning: "M10 3 1.800 17h16.400zM10 8v4M10 14.500v.1",
  sync: "M4 9a6.300 6.300 0 0 1 11-3.500M16 11a6.300 6.300 0 0 1-11 3.500M15.500 2v3.700h-3.700M4.500 18v-3.700h3.700",
  out: "M8 3.500H3.500v13H8M8 10h9M13.500 6.500 17 10l-3.500 3.500",
  down: "M5 8l5 5 5-5",
  menu: "M3 5.500h14M3 10h14M3 14.500h14",
  back: "M12 4 6 10l6 6",
};

export const icon = (name) =>
  h("svg", { class: "icon", viewBox: "0 0 20 20", "aria-hidden": "true" }, h("path", { d: PATHS[name] }));
