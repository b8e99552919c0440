// Tables: a click or Enter on a heading sorts by it; cells without a value stay last.

const sortKey = cell => {
  if (cell.dataset.order !== undefined) return Number(cell.dataset.order);
  return cell.textContent === '–' ? null : cell.textContent;
};

const compareKeys = (a, b) => {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return String(a).localeCompare(String(b), 'en', {numeric: true});
};

const sortBy = (table, column, ascending) => {
  for (const body of table.tBodies) {
    const rows = [...body.rows].filter(row => !row.classList.contains('group'))
      .map(row => ({row, key: sortKey(row.cells[column])}));
    rows.sort((a, b) => {
      if (!known(a.key) || !known(b.key)) return Number(!known(a.key)) - Number(!known(b.key));
      return ascending ? compareKeys(a.key, b.key) : compareKeys(b.key, a.key);
    });
    body.append(...rows.map(entry => entry.row));
  }
  const heads = table.tHead.rows[0].cells;
  for (const other of heads) other.removeAttribute('aria-sort');
  heads[column].setAttribute('aria-sort', ascending ? 'ascending' : 'descending');
};

const makeSortable = (table, name) => {
  [...table.tHead.rows[0].cells].forEach((heading, column) => {
    const sorter = make('button', {type: 'button', title: 'Sort by this column'});
    sorter.append(...heading.childNodes);
    heading.append(sorter);
    sorter.addEventListener('click', () => {
      const ascending = heading.getAttribute('aria-sort') !== 'ascending';
      sortBy(table, column, ascending);
      if (name) address.set(`${name}.sort`, `${column}${ascending ? '+' : '-'}`);
    });
  });
  const chosen = /^(\d+)([+-])$/.exec(name ? address.get(`${name}.sort`) || '' : '');
  if (chosen && Number(chosen[1]) < table.tHead.rows[0].cells.length) {
    sortBy(table, Number(chosen[1]), chosen[2] === '+');
  }
};
