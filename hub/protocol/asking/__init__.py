"""The words of every command's form, stage by stage of the guidance; the list of all is `hub.protocol.commands`."""
