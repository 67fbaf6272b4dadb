//! Small graphs for every function of four inputs.
//!
//! `structures.txt` holds, for each of the 222 classes of functions that differ by the order and sign of inputs and the sign
//! of the output, up to four graphs of conjunctions with the fewest nodes that a search found (exclusive ors counted as the
//! three conjunctions they are made of). A line is the class's function in hexadecimal, the literal of the result, and the operands of
//! each conjunction; literals 0 to 7 are the inputs and their complements, 8 and up the conjunctions.

use std::sync::OnceLock;

/// The result and the operands of each conjunction, as literals of the file.
#[derive(Clone, Debug, Default)]
pub struct Structure {
    pub result: u8,
    pub ands: Vec<[u8; 2]>,
}

/// How a function is made from its class's.
#[derive(Clone, Copy, Debug)]
pub struct Member {
    class: u8,
    /// Input k of the class is this input of the function, ...
    pub order: [u8; 4],
    /// ... complemented if bit k is set.
    pub signs: u8,
    /// Whether the result is complemented.
    pub flip: bool,
}

/// Every function of four inputs.
pub struct Library {
    classes: Vec<Vec<Structure>>,
    members: Vec<Member>,
}

const TEXT: &str = include_str!("structures.txt");

/// The library, read once.
pub fn library() -> &'static Library {
    static LIBRARY: OnceLock<Library> = OnceLock::new();
    LIBRARY.get_or_init(Library::read)
}

impl Library {
    /// How a function is made, and from which graphs.
    pub fn of(&self, table: u16) -> (Member, &[Structure]) {
        let member = self.members[table as usize];
        (member, &self.classes[member.class as usize])
    }

    fn read() -> Library {
        let nobody = Member { class: 0, order: [0, 1, 2, 3], signs: 0, flip: false };
        let mut library = Library { classes: Vec::new(), members: vec![nobody; 1 << 16] };
        let mut last = None;
        for line in TEXT.lines() {
            let mut words = line.split(' ');
            let Some(class) = words.next().and_then(|word| u16::from_str_radix(word, 16).ok()) else { continue };
            let number = |word: &str| word.parse().unwrap_or(0);
            let result = words.next().map_or(0, number);
            let ands = words.filter_map(|word| word.split_once(',')).map(|(a, b)| [number(a), number(b)]).collect();
            if last != Some(class) {
                last = Some(class);
                library.classes.push(Vec::new());
                library.enter(class, library.classes.len() as u8 - 1);
            }
            if let Some(class) = library.classes.last_mut() {
                class.push(Structure { result, ands });
            }
        }
        library
    }

    fn enter(&mut self, function: u16, class: u8) {
        for order in orders() {
            for signs in 0..16u8 {
                let mut table = 0u16;
                for i in 0..16u16 {
                    let y = (0..4).fold(0, |y, k| y | ((i >> order[k] ^ u16::from(signs >> k)) & 1) << k);
                    table |= (function >> y & 1) << i;
                }
                self.members[table as usize] = Member { class, order, signs, flip: false };
                self.members[!table as usize] = Member { class, order, signs, flip: true };
            }
        }
    }
}

fn orders() -> impl Iterator<Item = [u8; 4]> {
    (0..256u16)
        .map(|code| [0, 2, 4, 6].map(|shift| (code >> shift & 3) as u8))
        .filter(|order| (0..4).all(|k| order.contains(&k)))
}
