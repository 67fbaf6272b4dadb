mod array;
mod equivalence;
mod example;
mod pe;
mod process;
mod simplify;
