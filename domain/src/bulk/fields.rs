//! Divides a line of a list into its values.

/// A quote is not closed on its line.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct OpenQuote;

/// The values of a line, in its order.
///
/// What follows the first value decides for the whole line: a tab, a semicolon or a comma divides it like CSV; otherwise
/// blanks do, and the last of `columns` values takes the rest of the line, since names have blanks.
pub(super) fn fields(line: &str, columns: usize) -> Result<Vec<String>, OpenQuote> {
    let (first, rest) = field(line, |c| c.is_whitespace() || c == ',' || c == ';')?;
    let next = rest.trim_start_matches(|c: char| c.is_whitespace() && c != '\t');
    let separator = next.chars().next().filter(|c| matches!(c, ',' | ';' | '\t'));
    let mut values = vec![first];
    match separator {
        // Values of such a line may be empty, and may hold blanks.
        Some(separator) => {
            values.clear();
            let mut rest = Some(line);
            while let Some(line) = rest {
                let (value, after) = field(line, |c| c == separator)?;
                values.push(value);
                rest = after.trim_start().strip_prefix(separator).or_else(|| after.strip_prefix(separator));
            }
        }
        None => {
            let mut rest = rest.trim_start();
            while !rest.is_empty() {
                let last = values.len() + 1 >= columns;
                let (value, after) = field(rest, |c| c.is_whitespace() && !last)?;
                values.push(value);
                rest = after.trim_start();
            }
        }
    }
    Ok(values)
}

/// One value up to a divider, and what follows it, the divider included. A value in quotes may hold dividers, and
/// doubled quotes that stand for one.
fn field(line: &str, divides: impl Fn(char) -> bool) -> Result<(String, &str), OpenQuote> {
    let start = line.trim_start_matches(|c: char| c.is_whitespace() && !divides(c));
    let Some(mut inside) = start.strip_prefix('"') else {
        let end = start.find(&divides).unwrap_or(start.len());
        return Ok((start[..end].trim().to_owned(), &start[end..]));
    };
    let mut value = String::new();
    loop {
        let quote = inside.find('"').ok_or(OpenQuote)?;
        value.push_str(&inside[..quote]);
        inside = &inside[quote + 1..];
        match inside.strip_prefix('"') {
            Some(more) => {
                value.push('"');
                inside = more;
            }
            None => break,
        }
    }
    // What stands between the closing quote and the divider belongs to the value: nothing is lost silently.
    let end = inside.find(divides).unwrap_or(inside.len());
    value.push_str(inside[..end].trim());
    Ok((value.trim().to_owned(), &inside[end..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_divider_decides_for_the_line() {
        assert_eq!(three("1001 se,cr;et Ivan Petrov"), ["1001", "se,cr;et", "Ivan Petrov"]);
        assert_eq!(three("1001,se cr;et,Ivan Petrov"), ["1001", "se cr;et", "Ivan Petrov"]);
        assert_eq!(three("1001;se,cret;Ivan Petrov"), ["1001", "se,cret", "Ivan Petrov"]);
        assert_eq!(three("1001\tse,cr et\tIvan Petrov"), ["1001", "se,cr et", "Ivan Petrov"]);
    }

    #[test]
    fn blanks_around_a_divider_do_not_matter() {
        assert_eq!(three("1001 , secret ,  Ivan "), ["1001", "secret", "Ivan"]);
        assert_eq!(three("1001   secret    Ivan"), ["1001", "secret", "Ivan"]);
    }

    #[test]
    fn quotes_hold_dividers_and_doubled_quotes() {
        assert_eq!(three(r#""1001","se,""cret","Petrov, Ivan""#), ["1001", r#"se,"cret"#, "Petrov, Ivan"]);
        assert_eq!(three(r#"1001 "my secret" Ivan"#), ["1001", "my secret", "Ivan"]);
    }

    #[test]
    fn values_may_be_empty_where_a_sign_divides() {
        assert_eq!(three("1001,,Ivan"), ["1001", "", "Ivan"]);
        assert_eq!(three(",secret,"), ["", "secret", ""]);
        assert_eq!(three("1001\t\tIvan"), ["1001", "", "Ivan"]);
    }

    #[test]
    fn an_open_quote_is_told() {
        assert_eq!(fields(r#"1001 "secret"#, 3), Err(OpenQuote));
    }

    fn three(line: &str) -> Vec<String> {
        fields(line, 3).expect("its quotes are closed")
    }
}
