// Cleans names as the server does (names.h): NFC, no invisible characters, single spaces. No DOM.

const WITHOUT_SHAPE = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}]/gu;
const SPACES = /[\p{Z}\u2800]+/gu;
const VISIBLE = /[^\p{M}\p{Z}]/u;

export function cleanName(raw) {
  const name = raw.replace(WITHOUT_SHAPE, '').replace(SPACES, ' ').trim();
  return VISIBLE.test(name) ? name.normalize('NFC') : '';
}
