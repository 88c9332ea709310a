"""`python -m service` is the `edge-rank` command, for where nothing put that on the path."""

from service.cli.main import main

if __name__ == "__main__":
    main()
