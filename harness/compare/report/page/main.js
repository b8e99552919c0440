// Puts the parts to work.

const placeOf = element => {
  const section = element.closest('section[id^="section-"]');
  return section ? Number(section.id.slice('section-'.length)) : null;
};

const everywhere = data.sections.map((section, place) => place);

addFilter();
[...document.querySelectorAll('main table')].forEach((table, i) => {
  const place = placeOf(table);
  linkRows(table, place === null ? everywhere : [place]);
  makeSortable(table, `t${i}`);
  addTools(table, `t${i}`);
});

const charts = {
  transfer: figure => transfer(figure),
  seeds: (figure, place) => seeds(figure, place, data.sections[place].primary),
  reliability: (figure, place) => reliability(figure, place),
  shift: (figure, place) => shift(figure, place),
  calibration: (figure, place) => seeds(figure, place, 'ece'),
  curves: (figure, place) => curves(figure, place, false),
  probes: (figure, place) => curves(figure, place, true),
  cost: (figure, place) => cost(figure, place),
  batch: (figure, place) => batch(figure, place),
  steps: (figure, place) => steps(figure, place),
  paths: (figure, place) => plane(figure, place, {marked: true}),
  ellipses: (figure, place) => plane(figure, place, {height: 420}),
  profiles: (figure, place) => plane(figure, place, {}),
};
for (const figure of document.querySelectorAll('figure.chart')) {
  charts[figure.dataset.chart](figure, Number(figure.dataset.section));
}

const theme = document.getElementById('theme');
const setTheme = name => { document.documentElement.dataset.theme = name; };
theme.hidden = false;
if (['light', 'dark'].includes(address.get('theme'))) setTheme(address.get('theme'));
theme.addEventListener('click', () => {
  const now = document.documentElement.dataset.theme;
  const dark = now ? now === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  setTheme(dark ? 'light' : 'dark');
  address.set('theme', dark ? 'light' : 'dark');
});

filter.set(address.get('rows') || '');
const anchor = document.getElementById(address.anchor());
if (anchor) anchor.scrollIntoView();
address.follow();
