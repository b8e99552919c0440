// One filter for all tables and charts: words that a row's name must have, -words that it must not.

const filter = (() => {
  const listeners = [];
  let words = [];
  const matches = name => {
    const text = name.toLowerCase();
    const wanted = words.filter(word => !word.startsWith('-'));
    const refused = words.filter(word => word.length > 1 && word.startsWith('-'));
    return (wanted.length === 0 || wanted.some(word => text.includes(word))) &&
      !refused.some(word => text.includes(word.slice(1)));
  };
  const set = text => {
    words = text.toLowerCase().split(/\s+/).filter(word => word !== '');
    for (const listener of listeners) listener();
  };
  return {matches, set, onChange: listener => listeners.push(listener)};
})();

const rowNames = new Set(data.sections.flatMap(section => section.rows.map(row => row.name)));

// A row's name in a table: labels of what carries over say, too, where a row has not fitted.
const nameOfRow = row => row.cells[0].textContent.trim()
  .replace(/ \((\d+\/\d+ )?not fitted[^)]*\)$/, '');

const filterTables = () => {
  for (const row of document.querySelectorAll('main tbody tr')) {
    const name = row.cells.length > 0 ? nameOfRow(row) : '';
    if (rowNames.has(name)) row.hidden = !filter.matches(name);
  }
};

const addFilter = () => {
  const bar = make('div', {class: 'bar', role: 'search'});
  const label = make('label', {}, 'Rows ');
  const input = make('input', {type: 'search', id: 'filter', placeholder: 'sgd adam -large',
    title: 'Any of these words; -word leaves out'});
  const count = make('span', {role: 'status'});
  label.append(input);
  bar.append(label, count);
  document.querySelector('main').prepend(bar);
  filter.onChange(() => {
    filterTables();
    const names = [...rowNames];
    const left = names.filter(filter.matches).length;
    count.textContent = left === names.length ? '' : ` ${left} of ${names.length} shown`;
  });
  input.addEventListener('input', () => {
    address.set('rows', input.value.trim() || null);
    filter.set(input.value);
  });
  input.value = address.get('rows') || '';
};
