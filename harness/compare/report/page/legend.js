// How rows look in all charts of a section, and which of them a reader has isolated.

// Seven shapes, eleven colours, five dashes: rows differ in each before the next comes round.
const shapes = [
  'M1,0A1,1,0,1,1,-1,0A1,1,0,1,1,1,0Z',
  'M-0.85,-0.85H0.85V0.85H-0.85Z',
  'M0,-1.1L1,0.75H-1Z',
  'M0,-1.25L0.95,0L0,1.25L-0.95,0Z',
  'M-0.35,-1H0.35V-0.35H1V0.35H0.35V1H-0.35V0.35H-1V-0.35H-0.35Z',
  'M0,1.1L1,-0.75H-1Z',
  'M1.1,0L-0.75,1V-1Z',
];
const dashes = [[1, 0], [7, 3], [2, 2], [8, 3, 2, 3], [12, 3, 2, 3, 2, 3]];
const shapeOf = index => shapes[index % shapes.length];
const colourOf = index => `var(--row-${index % 11})`;
const dashOf = index => dashes[index % dashes.length];

const sample = (index, hasLine) => {
  const svg = svgElement('svg', {width: 34, height: 14, viewBox: '-17 -7 34 14', 'aria-hidden': 'true'});
  if (hasLine) {
    svg.append(svgElement('path', {d: 'M-17,0H17', style: `stroke: ${colourOf(index)}; stroke-width: 2`,
      'stroke-dasharray': dashOf(index).join(' ')}));
  }
  svg.append(svgElement('path', {d: shapeOf(index), transform: 'scale(5)', style: `fill: ${colourOf(index)}`}));
  return svg;
};

// One set a section, so that all its charts show the same rows alone.
const isolation = data.sections.map((section, place) => {
  const listeners = [];
  const given = (address.get(`${place}.alone`) || '').split('.').filter(text => text !== '').map(Number);
  const alone = new Set(given.filter(index => index < section.rows.length));
  const toggle = (index, adds) => {
    const wasAlone = alone.has(index) && (adds || alone.size === 1);
    if (!adds) alone.clear();
    if (wasAlone) alone.delete(index); else alone.add(index);
    address.set(`${place}.alone`, alone.size ? [...alone].join('.') : null);
    for (const listener of listeners) listener();
  };
  return {
    toggle,
    has: index => alone.has(index),
    labels: () => [...alone].map(index => section.rows[index].label),
    onChange: listener => listeners.push(listener),
  };
});

const makeLegend = (place, hasLine, present) => {
  const section = data.sections[place];
  const list = make('ul', {class: 'legend', title: 'Click: this row alone; with Ctrl or Shift: one more'});
  const buttons = new Map();
  section.rows.forEach((row, index) => {
    if (!filter.matches(row.name) || !present.has(row.label)) return;
    const item = make('li');
    const entry = make('button', {type: 'button'});
    entry.append(sample(index, hasLine), ` ${row.label}`);
    entry.addEventListener('click', event =>
      isolation[place].toggle(index, event.ctrlKey || event.shiftKey || event.metaKey));
    buttons.set(index, entry);
    item.append(entry);
    list.append(item);
  });
  const refresh = () => {
    for (const [index, entry] of buttons) entry.setAttribute('aria-pressed', isolation[place].has(index));
  };
  refresh();
  return {list, refresh};
};
