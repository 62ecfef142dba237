# mode: "program"
# sandboxes: slot fresh
import configparser
import shelve

with shelve.open("store") as store:
    store["a"] = [1, 2]
with shelve.open("store") as store:
    print(dict(store))
config = configparser.ConfigParser()
config.read_string("[db]\nhost = h\nport = 1\n")
print(config["db"].getint("port"), dict(config["db"]))
