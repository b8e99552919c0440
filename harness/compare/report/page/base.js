// What every part uses: the page's data, elements, numbers as text.

const data = JSON.parse(document.getElementById('data').textContent);
const specifications = JSON.parse(document.getElementById('charts').textContent);

// Elements are made with textContent, so that no name of a user is ever read as HTML.
const make = (tag, attributes = {}, text = '') => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.textContent = text;
  return element;
};

const svgElement = (tag, attributes = {}) => {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
};

const button = (text, title, act) => {
  const element = make('button', {type: 'button', title}, text);
  element.addEventListener('click', act);
  return element;
};

const known = value => value !== null && value !== undefined;

const shown = value => {
  if (!known(value)) return '–';
  if (typeof value !== 'number') return String(value);
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e7)) return value.toExponential(3);
  return String(Number(value.toPrecision(5)));
};

const spread = entry => known(entry.deviation) ? ` ± ${shown(entry.deviation)}` : '';
const low = entry => entry.mean - (entry.deviation || 0);
const high = entry => entry.mean + (entry.deviation || 0);
const intervalText = interval => interval ? ` [${shown(interval[0])}, ${shown(interval[1])}]` : '';

// "Test acc %" and "Error gap (points)" have their unit already.
const title = metric => /[%([]/.test(metric.label) ? metric.label : `${metric.label} (${metric.unit})`;

// The metric that decides, then what is of the test part.
const byWorth = section => (a, b) =>
  Number(b.name === section.primary) - Number(a.name === section.primary) ||
  Number(b.name.startsWith('test')) - Number(a.name.startsWith('test'));
