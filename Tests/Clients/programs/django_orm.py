"""Django's ORM over mysqlclient: schema, queries, transactions, introspection."""

import datetime
import decimal

import django
from django.conf import settings

from scenario import HOST, PASSWORD, PORT, SCHEMA, USER

settings.configure(
    DATABASES={"default": {
        "ENGINE": "django.db.backends.mysql", "NAME": SCHEMA, "USER": USER, "PASSWORD": PASSWORD, "HOST": HOST,
        "PORT": str(PORT), "CONN_MAX_AGE": None, "OPTIONS": {"charset": "utf8mb4"}}},
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth"], USE_TZ=True, TIME_ZONE="UTC",
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField")
django.setup()

from django.core.management import call_command  # noqa: E402
from django.contrib.auth.models import Group, User  # noqa: E402
from django.db import DatabaseError, connection, models, transaction  # noqa: E402
from django.db.models import Avg, Count, F, Q, Sum  # noqa: E402


class Shelf(models.Model):
    name = models.CharField(max_length=50, unique=True)
    extra = models.JSONField(default=dict)

    class Meta:
        app_label = "matrix"


class Item(models.Model):
    shelf = models.ForeignKey(Shelf, on_delete=models.CASCADE, related_name="items")
    label = models.CharField(max_length=50, db_index=True)
    price = models.DecimalField(max_digits=10, decimal_places=3, null=True)
    at = models.DateTimeField(null=True)
    took = models.DurationField(null=True)
    data = models.BinaryField(null=True)
    flag = models.BooleanField(default=False)

    class Meta:
        app_label = "matrix"


def show(label, value):
    print(f"{label}: {value}")


call_command("migrate", verbosity=0)
show("server", (connection.mysql_version, connection.mysql_is_mariadb, connection.features.has_json_object_function,
                sorted(connection.sql_mode)))
with connection.schema_editor() as editor:
    editor.create_model(Shelf)
    editor.create_model(Item)

shelf = Shelf.objects.create(name="erstes Regal äöü", extra={"a": [1, None], "deep": {"b": "ü"}})
moment = datetime.datetime(2024, 2, 29, 12, 30, 15, 123456, tzinfo=datetime.timezone.utc)
Item.objects.bulk_create([
    Item(shelf=shelf, label=f"item {n}", price=decimal.Decimal(n) / 8, at=moment + datetime.timedelta(seconds=n),
         took=datetime.timedelta(milliseconds=n), data=bytes([n, 0, 39, 92]), flag=n % 3 == 0) for n in range(50)])
show("first", list(Item.objects.order_by("id").values_list("id", "label", "price", "at", "took", "data", "flag")[:3]))
show("json", list(Shelf.objects.filter(extra__deep__b="ü").values_list("name", "extra")))
show("sums", Item.objects.aggregate(Sum("price"), Avg("price"), Count("id")))
show("updated", Item.objects.filter(Q(flag=True) | Q(label__icontains="9")).update(price=F("price") + 1))
show("got or made", [Shelf.objects.get_or_create(name="zweites")[1] for _ in range(2)])
show("update or create", Shelf.objects.update_or_create(name="zweites", defaults={"extra": {"n": 1}})[1])
try:
    with transaction.atomic():
        Item.objects.all().delete()
        show("inside", Item.objects.count())
        raise KeyError("rolled back")
except KeyError:
    show("after", Item.objects.count())
with transaction.atomic():
    item = Item.objects.select_for_update().get(label="item 7")
    item.label = "locked"
    item.save()
    try:
        with transaction.atomic():
            Shelf.objects.create(name="zweites")
    except DatabaseError as error:
        show("duplicate", error.args)
show("years", [d.isoformat() for d in Item.objects.datetimes("at", "minute")])
show("iterated", sum(1 for _ in Item.objects.select_related("shelf").iterator(chunk_size=7)))
user = User.objects.create_user("ada", "ada@example.org", first_name="Ada")
user.groups.add(Group.objects.create(name="authors"))
show("groups", list(User.objects.filter(groups__name="authors").values_list("username", "email")))
show("explained", len(Item.objects.filter(id__gt=3).explain()) > 20)
with connection.cursor() as cursor:
    cursor.execute("SELECT %s, %s, NULL", ["ä%", 1.5])
    show("raw", (cursor.fetchall(), [d[:2] for d in cursor.description]))
    show("tables", sorted(connection.introspection.table_names(cursor)))
    show("columns", connection.introspection.get_table_description(cursor, "matrix_item"))
    show("keys", sorted(map(str, connection.introspection.get_constraints(cursor, "matrix_item").values())))
connection.close()
show("once more", Item.objects.filter(label="locked").count())
show("items deleted", Item.objects.all().delete())
show("deleted", Shelf.objects.all().delete())
connection.close()
print("== end")
