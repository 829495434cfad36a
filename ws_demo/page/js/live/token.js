// The word that lets this page direct, from the address that the start has printed. It is taken out of the address bar,
// which a class can read, and kept over a reload, until the tab is closed. A browser may forbid the storage: then it
// lasts as long as the page.

const NAME = 'stage-token';

function kept() {
  try {
    return sessionStorage.getItem(NAME);
  } catch {
    return null;
  }
}

export function takeToken() {
  const url = new URL(location);
  const given = url.searchParams.get('token');
  if (given === null) return kept();
  url.searchParams.delete('token');
  history.replaceState(null, '', url);
  try {
    sessionStorage.setItem(NAME, given);
  } catch {
    // it lasts as long as the page
  }
  return given;
}
