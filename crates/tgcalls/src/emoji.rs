//! The four emoji that caller and callee compare: whoever sat between the two would show each of them others.

use crate::exchange::Agreed;
use sha2::{Digest as _, Sha256};

/// Telegram's table, the same in every client. Its order is part of the protocol.
#[rustfmt::skip]
const TABLE: [&str; 333] = [
    "😉", "😍", "😛", "😭", "😱", "😡", "😎", "😴", "😵", "😈", "😬", "😇",
    "😏", "👮", "👷", "💂", "👶", "👨", "👩", "👴", "👵", "😻", "😽", "🙀",
    "👺", "🙈", "🙉", "🙊", "💀", "👽", "💩", "🔥", "💥", "💤", "👂", "👀",
    "👃", "👅", "👄", "👍", "👎", "👌", "👊", "✌", "✋", "👐", "👆", "👇",
    "👉", "👈", "🙏", "👏", "💪", "🚶", "🏃", "💃", "👫", "👪", "👬", "👭",
    "💅", "🎩", "👑", "👒", "👟", "👞", "👠", "👕", "👗", "👖", "👙", "👜",
    "👓", "🎀", "💄", "💛", "💙", "💜", "💚", "💍", "💎", "🐶", "🐺", "🐱",
    "🐭", "🐹", "🐰", "🐸", "🐯", "🐨", "🐻", "🐷", "🐮", "🐗", "🐴", "🐑",
    "🐘", "🐼", "🐧", "🐥", "🐔", "🐍", "🐢", "🐛", "🐝", "🐜", "🐞", "🐌",
    "🐙", "🐚", "🐟", "🐬", "🐋", "🐐", "🐊", "🐫", "🍀", "🌹", "🌻", "🍁",
    "🌾", "🍄", "🌵", "🌴", "🌳", "🌞", "🌚", "🌙", "🌎", "🌋", "⚡", "☔",
    "❄", "⛄", "🌀", "🌈", "🌊", "🎓", "🎆", "🎃", "👻", "🎅", "🎄", "🎁",
    "🎈", "🔮", "🎥", "📷", "💿", "💻", "☎", "📡", "📺", "📻", "🔉", "🔔",
    "⏳", "⏰", "⌚", "🔒", "🔑", "🔎", "💡", "🔦", "🔌", "🔋", "🚿", "🚽",
    "🔧", "🔨", "🚪", "🚬", "💣", "🔫", "🔪", "💊", "💉", "💰", "💵", "💳",
    "✉", "📫", "📦", "📅", "📁", "✂", "📌", "📎", "✒", "✏", "📐", "📚",
    "🔬", "🔭", "🎨", "🎬", "🎤", "🎧", "🎵", "🎹", "🎻", "🎺", "🎸", "👾",
    "🎮", "🃏", "🎲", "🎯", "🏈", "🏀", "⚽", "⚾", "🎾", "🎱", "🏉", "🎳",
    "🏁", "🏇", "🏆", "🏊", "🏄", "☕", "🍼", "🍺", "🍷", "🍴", "🍕", "🍔",
    "🍟", "🍗", "🍱", "🍚", "🍜", "🍡", "🍳", "🍞", "🍩", "🍦", "🎂", "🍰",
    "🍪", "🍫", "🍭", "🍯", "🍎", "🍏", "🍊", "🍋", "🍒", "🍇", "🍉", "🍓",
    "🍑", "🍌", "🍐", "🍍", "🍆", "🍅", "🌽", "🏡", "🏥", "🏦", "⛪", "🏰",
    "⛺", "🏭", "🗻", "🗽", "🎠", "🎡", "⛲", "🎢", "🚢", "🚤", "⚓", "🚀",
    "✈", "🚁", "🚂", "🚋", "🚎", "🚌", "🚙", "🚗", "🚕", "🚛", "🚨", "🚔",
    "🚒", "🚑", "🚲", "🚠", "🚜", "🚦", "⚠", "🚧", "⛽", "🎰", "🗿", "🎪",
    "🎭", "🇯🇵", "🇰🇷", "🇩🇪", "🇨🇳", "🇺🇸", "🇫🇷", "🇪🇸", "🇮🇹", "🇷🇺", "🇬🇧", "1⃣",
    "2⃣", "3⃣", "4⃣", "5⃣", "6⃣", "7⃣", "8⃣", "9⃣", "0⃣", "🔟", "❗", "❓",
    "♥", "♦", "💯", "🔗", "🔱", "🔴", "🔵", "🔶", "🔷",
];

/// The four emoji of a call: SHA-256 of the key and `g_a`, in four parts of 63 bits
/// (<https://core.telegram.org/api/end-to-end/voice-calls#key-verification>).
#[must_use]
pub fn emoji(agreed: &Agreed) -> [&'static str; 4] {
    let digest = Sha256::new().chain_update(agreed.key.as_bytes()).chain_update(agreed.g_a).finalize();
    let mut four = [""; 4];
    for (shown, part) in four.iter_mut().zip(digest.chunks_exact(8)) {
        let number = part.iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
        let at = (number & (u64::MAX >> 1)) % TABLE.len() as u64;
        *shown = usize::try_from(at).ok().and_then(|at| TABLE.get(at)).copied().unwrap_or_default();
    }
    four
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::CallKey;
    use std::collections::BTreeSet;

    #[test]
    fn no_emoji_stands_twice_in_the_table() {
        assert_eq!(TABLE.iter().collect::<BTreeSet<_>>().len(), TABLE.len());
    }

    #[test]
    fn the_emoji_of_a_call_as_other_clients_show_them() {
        // Worked out apart from this code, with a table that the ntgcalls library has confirmed in full.
        let agreed = Agreed { key: CallKey::new([1; 256]), g_a: [2; 256] };
        assert_eq!(emoji(&agreed).concat(), "🍀⏳👀❄");
    }
}
