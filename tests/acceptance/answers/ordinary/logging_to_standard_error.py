import logging


def main():
    logging.basicConfig(level=logging.INFO, format="%(levelname)s:%(name)s:%(funcName)s:%(lineno)d:%(message)s")
    logger = logging.getLogger("app.part")
    logger.debug("not shown")
    logger.info("started %s", "now")
    try:
        1 / 0
    except ZeroDivisionError:
        logger.exception("failed")
    logging.getLogger().warning("root")
    return {}
