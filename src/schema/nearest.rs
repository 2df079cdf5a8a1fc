//! The name that was meant, for `did you mean`.

/// Longer words are no typing errors of a name.
const MAX_WORD: usize = 64;

/// The one of `names` that is nearest to `word`, where one is near: about one letter in three may be
/// wrong, missing, too many or exchanged with its neighbour. Capitals and underscores hardly count.
pub fn nearest<'a>(word: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if word.is_empty() || word.len() > MAX_WORD {
        return None;
    }
    let plain = plain(word);
    let most = plain.len().div_ceil(3);
    let near = names.into_iter().filter(|name| name.len() <= MAX_WORD).filter_map(|name| {
        let distance = distance(&plain, &self::plain(name));
        (distance <= most).then_some((distance, name))
    });
    near.min_by_key(|(distance, _)| *distance).map(|(_, name)| name)
}

fn plain(word: &str) -> Vec<char> {
    word.chars().filter(|c| *c != '_').flat_map(char::to_lowercase).collect()
}

/// How many letters must be changed, left out, put in or exchanged with the next.
fn distance(from: &[char], to: &[char]) -> usize {
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=to.len()).collect();
    for (i, a) in from.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, b) in to.iter().enumerate() {
            let changed = last[j] + usize::from(a != b);
            let mut least = changed.min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *a == to[j - 1] && from[i - 1] == *b {
                least = least.min(before_last[j - 1] + 1);
            }
            row.push(least);
        }
        before_last = std::mem::replace(&mut last, row);
    }
    last.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typing_error_is_known_and_another_word_is_not() {
        let names = ["name", "number", "first_name"];
        assert_eq!(nearest("nmae", names), Some("name"));
        assert_eq!(nearest("Name", names), Some("name"));
        assert_eq!(nearest("firstname", names), Some("first_name"));
        assert_eq!(nearest("colour", names), None);
        assert_eq!(nearest("", names), None);
        assert_eq!(nearest(&"name".repeat(100), names), None);
    }
}
