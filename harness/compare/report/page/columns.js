// Above each table: which columns it shows, and the table as CSV.

const hiddenColumns = table => [...table.tHead.rows[0].cells]
  .flatMap((head, i) => head.classList.contains('off') ? [i] : []);

const showColumn = (table, column, isShown) => {
  for (const row of table.rows) {
    const cell = row.classList.contains('group') ? null : row.cells[column];
    if (cell) cell.classList.toggle('off', !isShown);
  }
};

const columnChooser = (table, name) => {
  const usual = hiddenColumns(table).join('.');
  const given = address.get(`${name}.hide`);
  if (given !== null) {
    const hidden = new Set(given.split('.').filter(text => text !== '').map(Number));
    [...table.tHead.rows[0].cells].forEach((head, i) => showColumn(table, i, i === 0 || !hidden.has(i)));
  }
  const box = make('details', {class: 'chooser'});
  box.append(make('summary', {}, 'Columns'));
  const list = make('div', {class: 'choices'});
  [...table.tHead.rows[0].cells].forEach((head, i) => {
    if (i === 0) return;
    const label = make('label');
    const check = make('input', {type: 'checkbox'});
    check.checked = !head.classList.contains('off');
    check.addEventListener('change', () => {
      showColumn(table, i, check.checked);
      const hidden = hiddenColumns(table).join('.');
      address.set(`${name}.hide`, hidden === usual ? null : hidden);
    });
    label.append(check, ` ${head.textContent.trim()}`);
    list.append(label);
  });
  box.append(list);
  return box;
};

const addTools = (table, name) => {
  const tools = make('div', {class: 'tools'});
  const caption = table.caption ? table.caption.textContent : 'table';
  if (table.tHead.rows[0].cells.length > 2) tools.append(columnChooser(table, name));
  tools.append(button('CSV', 'Save this table as it is shown, with numbers in full',
    () => save(fileName(caption, 'csv'), 'text/csv', csvText(tableLines(table)))));
  table.parentElement.before(tools);
};
