// SPDX-License-Identifier: MIT
// Sentences about a refused request.
import { t } from "./core/text.js";

export function words(refusal) {
  if (refusal.status === undefined) throw refusal; // a mistake of ours
  if (refusal.status === 0) return t("problem.offline");
  return t("problem.other", { detail: refusal.detail });
}
