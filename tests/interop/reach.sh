# How the program is told of PEM files. Sourced, by bash.

# reach ADDR [CA [CERT KEY]]: sets `reach`, what every command of greeter that talks to a server takes.
reach() {
    reach=(--addr "$1")
    [ $# -lt 2 ] || reach+=(--cacert "$2")
    [ $# -lt 4 ] || reach+=(--cert "$3" --key "$4")
}

row() {
    printf '  %-60s %s\n' "$1" "$2"
}
