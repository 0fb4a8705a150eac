// SPDX-License-Identifier: MIT
// Sentences that the service says in English, in the reader's language.

export const said = (sentence) => sentence;
