//! Tables that stay aligned with wide (Japanese) characters.

use comfy_table::{ContentArrangement, Table, presets::NOTHING};

use super::safe;

/// A plain table: a header and rows, columns two blanks apart, cells made safe.
pub(crate) fn table<const N: usize>(
    header: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) -> String {
    let mut table = Table::new();
    table.load_style(NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(header);
    for row in rows {
        table.add_row(row.map(|it| safe(&it)));
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    table.lines().map(|it| it.trim_end().to_owned()).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_characters_take_two_columns() {
        let text = table(
            ["who", "role"],
            [["田中 花子".into(), "manager".into()], ["Sato".into(), "legal".into()]],
        );
        assert_eq!(text, "who        role\n田中 花子  manager\nSato       legal");
    }
}
