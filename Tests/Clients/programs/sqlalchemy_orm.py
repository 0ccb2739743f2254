"""SQLAlchemy's ORM, reflection and core over a driver: sqlalchemy_orm.py DIALECT."""

import datetime
import decimal
import sys
import urllib.parse

from sqlalchemy import JSON, ForeignKey, Numeric, String, create_engine, func, inspect, select, text
from sqlalchemy.dialects.mysql import DATETIME, LONGTEXT, insert
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship, selectinload

from scenario import HOST, PASSWORD, PORT, SCHEMA, USER


class Base(DeclarativeBase):
    pass


class Author(Base):
    __tablename__ = "author"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(40), unique=True)
    about: Mapped[dict | None] = mapped_column(JSON)
    books: Mapped[list["Book"]] = relationship(back_populates="author", cascade="all, delete-orphan")


class Book(Base):
    __tablename__ = "book"
    id: Mapped[int] = mapped_column(primary_key=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("author.id"))
    title: Mapped[str] = mapped_column(String(100), index=True)
    price: Mapped[decimal.Decimal] = mapped_column(Numeric(8, 2))
    at: Mapped[datetime.datetime | None] = mapped_column(DATETIME(fsp=6))
    body: Mapped[str | None] = mapped_column(LONGTEXT)
    author: Mapped[Author] = relationship(back_populates="books")


def show(label, value):
    print(f"{label}: {value}")


def main():
    password = urllib.parse.quote(PASSWORD)
    engine = create_engine(f"mysql+{sys.argv[1]}://{USER}:{password}@{HOST}:{PORT}/{SCHEMA}?charset=utf8mb4",
                           pool_size=2, pool_pre_ping=True, isolation_level="REPEATABLE READ")
    Base.metadata.drop_all(engine)
    Base.metadata.create_all(engine)
    show("dialect", (engine.dialect.name, engine.dialect.server_version_info, engine.dialect.is_mariadb))
    with Session(engine) as session:
        ada = Author(name="Ada", about={"born": 1815, "languages": ["en", "fr", "ü"]})
        ada.books = [Book(title=f"Notes {n}", price=decimal.Decimal("9.95") * n,
                          at=datetime.datetime(2024, 2, 29, 1, 2, 3, n), body="x" * n * 1000) for n in range(1, 6)]
        session.add_all([ada, Author(name="Bob")])
        session.commit()
        show("ids", (ada.id, [book.id for book in ada.books]))
        session.add(Author(name="Ada"))
        try:
            session.commit()
        except SQLAlchemyError as error:
            show("duplicate", (type(error).__name__, error.orig.args))
            session.rollback()
        found = session.scalars(select(Author).options(selectinload(Author.books)).order_by(Author.name)).all()
        show("found", [(a.name, a.about, [(b.title, b.price, b.at, len(b.body)) for b in a.books]) for a in found])
        with session.begin_nested() as savepoint:
            ada.name = "Changed"
            session.flush()
            show("inside", session.scalar(select(Author.name).where(Author.id == ada.id)))
            savepoint.rollback()
        show("after the savepoint", ada.name)
        del ada.books[0]
        session.commit()
        show("sum", session.execute(select(func.count(), func.sum(Book.price), func.max(Book.at))).one())
        show("locked", session.scalars(select(Author.name).with_for_update().order_by(Author.id)).all())
        session.rollback()
    with engine.begin() as connection:
        upsert = insert(Author).values([{"name": "Ada"}, {"name": "Cyd"}])
        result = connection.execute(upsert.on_duplicate_key_update(about={"again": True}))
        show("upsert", result.rowcount)
        many = connection.execute(Book.__table__.insert(), [
            {"author_id": 1, "title": f"many {n}", "price": n} for n in range(300)])
        show("many", many.rowcount)
        show("updated", connection.execute(Book.__table__.update().where(Book.title.like("many 1%"))
                                           .values(price=Book.price + 1)).rowcount)
        streamed = connection.execution_options(stream_results=True, max_row_buffer=50).execute(
            select(Book.title, Book.price).order_by(Book.id))
        show("streamed", sum(1 for _ in streamed))
        show("text", connection.execute(text("SELECT :a + 1 AS b, NULL AS c, 'ä' AS d"), {"a": 1}).mappings().all())
    for level in ("READ COMMITTED", "SERIALIZABLE", "AUTOCOMMIT"):
        with engine.connect().execution_options(isolation_level=level) as connection:
            show(level, (connection.get_isolation_level(), connection.scalar(select(func.count(Book.id)))))
    inspector = inspect(engine)
    for table in sorted(inspector.get_table_names()):
        show(table, [(c["name"], str(c["type"]), c["nullable"], c["default"]) for c in inspector.get_columns(table)])
        show("keys", (inspector.get_pk_constraint(table), inspector.get_foreign_keys(table),
                      inspector.get_indexes(table)))
    Base.metadata.drop_all(engine)
    engine.dispose()
    print("== end")


main()
