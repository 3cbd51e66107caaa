"""What companies call their columns: words that were met or are common, in both languages, and how they are dressed."""

import random

CHINESE = {
    "item": ["存货编码", "物料编码", "商品编号", "料号", "货号", "产品编号", "物料代码"],
    "barcode": ["条码", "商品条码", "条形码", "69码"],
    "name": ["品名", "存货名称", "物料名称", "商品名称", "产品名称", "货品名称"],
    "spec": ["规格型号", "规格", "规格/型号", "商品规格"],
    "unit": ["单位", "计量单位", "主计量单位", "基本单位"],
    "warehouse": ["仓库", "仓库名称", "所在仓库", "存放仓库"],
    "place": ["库位", "货位", "货架号", "储位"],
    "lot": ["批号", "生产批号", "批次号"],
    "expiry": ["有效期至", "失效日期", "到期日期"],
    "made_on": ["生产日期", "制造日期"],
    "quantity": ["数量", "现存数量", "库存数量", "当前库存", "结存数量", "库存量"],
    "moved": ["数量"],
    "unit_price": ["单价", "成本单价", "不含税单价", "成本价"],
    "amount": ["金额", "成本金额", "总金额"],
    "remark": ["备注", "说明"],
    "category": ["类别", "存货分类", "物料类别"],
    "date": ["日期", "单据日期", "业务日期", "发生日期"],
    "source": ["单据号", "单据编号", "单号", "凭证号"],
    "supplier": ["供应商", "供应商名称", "供货单位"],
    "customer": ["客户", "客户名称", "购货单位"],
    "type": ["业务类型", "出入库类型", "收发类别", "单据类型"],
    "quantity_in": ["入库数量", "收入数量", "入库", "收"],
    "quantity_out": ["出库数量", "发出数量", "出库", "发"],
    "balance": ["结存数量", "结存", "库存结余", "余额"],
    "opening": ["期初数量", "期初库存", "期初结存"],
    "book": ["账面数量", "账存数量", "系统数量"],
    "counted": ["实盘数量", "实存数量"],
    "counted_1": ["初盘", "初盘数量", "一盘"],
    "counted_2": ["复盘", "复盘数量", "二盘"],
    "counted_3": ["终盘", "三盘"],
    "difference": ["差异", "盈亏数量", "差异数量"],
    "person": ["经办人", "盘点人", "保管员"],
    "color": ["颜色"],
    "style": ["款号"],
}
ENGLISH = {
    "item": [
        "Item Code",
        "Part No.",
        "SKU",
        "Item No",
        "Material Number",
        "Product Code",
        "StockCode",
    ],
    "barcode": ["Barcode", "EAN", "UPC"],
    "name": [
        "Item Name",
        "Product Name",
        "Material Description",
        "Item Description",
        "Description",
    ],
    "spec": ["Specification", "Spec", "Specifications"],
    "unit": ["Unit", "UOM", "Unit of Measure"],
    "warehouse": ["Warehouse", "Warehouse Name", "WH"],
    "place": ["Bin", "Bin Location", "Shelf"],
    "lot": ["Lot No.", "Batch", "Batch Number"],
    "expiry": ["Expiry Date", "Expiration Date", "Best Before"],
    "made_on": ["Production Date", "Mfg Date"],
    "quantity": ["Quantity", "Qty", "On Hand", "Stock Qty", "Qty On Hand", "Current Stock"],
    "moved": ["Quantity", "Qty"],
    "unit_price": ["Unit Price", "Unit Cost", "Price", "Avg Cost"],
    "amount": ["Amount", "Total Amount", "Total Value"],
    "remark": ["Remark", "Notes", "Comments"],
    "category": ["Category", "Item Group", "Product Category"],
    "date": ["Date", "Transaction Date", "Posting Date", "Doc Date"],
    "source": ["Doc No.", "Document No", "Reference", "Voucher No"],
    "supplier": ["Supplier", "Vendor", "Vendor Name"],
    "customer": ["Customer", "Customer Name", "Client"],
    "type": ["Transaction Type", "Type", "Movement Type"],
    "quantity_in": ["Qty In", "Received", "Receipts", "In"],
    "quantity_out": ["Qty Out", "Issued", "Issues", "Out"],
    "balance": ["Balance", "Closing Balance", "Balance Qty"],
    "opening": ["Opening", "Opening Balance", "Opening Qty"],
    "book": ["Book Qty", "System Qty", "Expected Qty"],
    "counted": ["Counted Qty", "Physical Count", "Actual Qty"],
    "counted_1": ["First Count", "Count 1"],
    "counted_2": ["Second Count", "Recount"],
    "counted_3": ["Third Count", "Final Count"],
    "difference": ["Variance", "Difference"],
    "person": ["Handled By", "Counted By", "Operator"],
    "color": ["Color"],
    "style": ["Style No"],
}
TRADITIONAL = str.maketrans(
    "数单价额库仓号码条编规产货项类总计结余盘点实际账领发进销应商厂备注说员经办据业务时间",
    "數單價額庫倉號碼條編規產貨項類總計結餘盤點實際賬領發進銷應商廠備註說員經辦據業務時間",
)


class Headers:
    """Draws the header of a field, sometimes dressed as people do."""

    def __init__(
        self, rng: random.Random, *, chinese: bool, traditional: bool = False, plain: bool = False
    ) -> None:
        self.random = rng
        self.words = CHINESE if chinese else ENGLISH
        self.chinese = chinese
        self.traditional = traditional
        self.plain = plain

    def of(self, field: str) -> str:
        text = self.random.choice(self.words[field])
        if self.traditional:
            text = text.translate(TRADITIONAL)
        if self.plain or self.random.random() < 0.6:
            return text
        if not self.chinese:
            return self.random.choice(
                [
                    text.upper(),
                    f"{text} ",
                    f"*{text}",
                    text.replace(" ", "\n"),
                    text.replace(" ", "_"),
                ]
            )
        dressed = [f"*{text}", f"{text}*", f" {text} ", f"{text}：", f"{text}\n", f"{text}（必填）"]
        if len(text) == 2:
            dressed.append(f"{text[0]}  {text[1]}")
        if field in {"unit_price", "amount"}:
            dressed.append(f"{text}(元)")
        return self.random.choice(dressed)
