// The view in the address: behind "#anchor?" stands what a reader chose, so that a link shows it again.

const address = (() => {
  const parts = () => {
    const [anchor, query = ''] = location.hash.slice(1).split(/\?(.*)/s);
    return {anchor, chosen: new URLSearchParams(query)};
  };
  const {chosen} = parts();
  const write = anchor => {
    const query = chosen.toString();
    const fragment = query ? `#${anchor}?${query}` : anchor ? `#${anchor}` : '';
    history.replaceState(null, '', location.href.split('#')[0] + fragment);
  };
  return {
    get: name => chosen.get(name),
    // null: as if never chosen
    set: (name, value) => {
      if (value === null) chosen.delete(name); else chosen.set(name, value);
      write(parts().anchor);
    },
    anchor: () => parts().anchor,
    // A link within the page keeps the view; an address with another view is shown from its start.
    follow: () => window.addEventListener('hashchange', () => {
      const now = parts();
      if (!location.hash.includes('?')) write(now.anchor);
      else if (now.chosen.toString() !== chosen.toString()) location.reload();
    }),
  };
})();
