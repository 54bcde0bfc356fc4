/** Rule: RFC 4180, CRLF, UTF-8 with BOM; a text cell that a spreadsheet would run as a formula gets an apostrophe, a number never does. */
import { parse } from 'csv-parse/sync';
import { describe, expect, test } from 'vitest';
import { BOM, csvFile, csvLine, number, text } from '../../../electron/services/csv';

describe('A CSV file', () => {
  test('begins with a BOM and ends every line with CR LF', () => {
    const file = csvFile(['a', 'b'], [[text('x'), number(1n)]]);
    expect(file).toBe('\uFEFFa,b\r\nx,1\r\n');
    expect([...Buffer.from(file, 'utf8').subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
    expect(BOM).toBe('\uFEFF');
  });

  test('without rows is its header', () => {
    expect(csvFile(['a', 'b'], [])).toBe('\uFEFFa,b\r\n');
  });

  test('quotes commas, quotes and line breaks, and nothing else', () => {
    expect(csvLine([text('a,b'), text('say "x"'), text('two\r\nlines'), text('plain; text')])).toBe(
      '"a,b","say ""x""","two\r\nlines",plain; text\r\n',
    );
  });

  test('comes back as it was through another parser', () => {
    const cells = ['Zoë, "Z" Ångström', 'a\nb', '', '"', ',', 'x'];
    expect(parse(csvFile(['1', '2', '3', '4', '5', '6'], [cells.map(text)]), { bom: true, from_line: 2 })).toEqual([
      cells,
    ]);
  });
});

describe('Spreadsheet formulas', () => {
  test.each(['=HYPERLINK("http://evil","x")', '+1', '-1', '@SUM(A1)', '\tx', '\rx'])(
    'the text %j is made harmless',
    (value) => {
      const [cell] = parse(csvLine([text(value)]), { relax_column_count: true })[0] ?? [];
      expect(cell).toBe(`'${value}`);
    },
  );

  test('a number keeps its sign: -12.34 stays a number', () => {
    expect(csvLine([number(-1_234n), number('-12.34'), number(0), number(null)])).toBe('-1234,-12.34,0,\r\n');
  });

  test('text that only holds such a sign further on is left alone', () => {
    expect(csvLine([text('a=b'), text('1-2'), text(' =x'), text("'=x"), text(null)])).toBe("a=b,1-2, =x,'=x,\r\n");
  });
});
