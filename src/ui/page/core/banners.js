// SPDX-License-Identifier: MIT
// What an org's people should know on whichever page they are.

export const banners = () => null;
