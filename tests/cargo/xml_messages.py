"""Messages in XML of our own, with invented parties, in the forms that their senders use."""

from __future__ import annotations

WAYBILL = """<?xml version="1.0" encoding="UTF-8"?>
<rsm:Waybill xmlns:rsm="iata:waybill:1" xmlns:ram="iata:datamodel:3">
 <rsm:MessageHeaderDocument><ram:VersionID>3.00</ram:VersionID></rsm:MessageHeaderDocument>
 <rsm:BusinessHeaderDocument><ram:ID>145-99887766</ram:ID></rsm:BusinessHeaderDocument>
 <rsm:MasterConsignment>
  <ram:ID>INTERNAL 1</ram:ID>
  <ram:IncludedTareGrossWeightMeasure unitCode="LBR">1000</ram:IncludedTareGrossWeightMeasure>
  <ram:TotalPieceQuantity>7</ram:TotalPieceQuantity>
  <ram:DeclaredValueForCustomsAmount currencyID="USD">1500.50</ram:DeclaredValueForCustomsAmount>
  <ram:ConsignorParty><ram:Name>MUSTER
   EXPORT GMBH</ram:Name><ram:AccountID>ACC1</ram:AccountID>
   <ram:PostalStructuredAddress><ram:CityName>KOELN</ram:CityName><ram:CountryID>DE</ram:CountryID></ram:PostalStructuredAddress>
   <ram:DefinedTradeContact><ram:DirectTelephoneCommunication><ram:CompleteNumber>4922100</ram:CompleteNumber>
   </ram:DirectTelephoneCommunication></ram:DefinedTradeContact>
  </ram:ConsignorParty>
  <ram:ConsigneeParty><ram:Name>EJEMPLO SA</ram:Name>
   <ram:PostalStructuredAddress><ram:CountryID>EC</ram:CountryID></ram:PostalStructuredAddress></ram:ConsigneeParty>
  <ram:OriginLocation><ram:ID>CGN</ram:ID></ram:OriginLocation>
  <ram:FinalDestinationLocation><ram:ID>UIO</ram:ID></ram:FinalDestinationLocation>
  <ram:SpecifiedLogisticsTransportMovement><ram:ModeCode>4</ram:ModeCode><ram:ID>XL100</ram:ID>
   <ram:ArrivalEvent><ram:OccurrenceArrivalLocation><ram:ID>BOG</ram:ID></ram:OccurrenceArrivalLocation></ram:ArrivalEvent>
  </ram:SpecifiedLogisticsTransportMovement>
  <ram:SpecifiedLogisticsTransportMovement><ram:ID>XL101</ram:ID>
   <ram:ArrivalEvent><ram:ScheduledOccurrenceDateTime>2026-03-12T05:30:00</ram:ScheduledOccurrenceDateTime>
   <ram:OccurrenceArrivalLocation><ram:ID>UIO</ram:ID></ram:OccurrenceArrivalLocation></ram:ArrivalEvent>
  </ram:SpecifiedLogisticsTransportMovement>
  <ram:HandlingSPHInstructions><ram:DescriptionCode>PIL</ram:DescriptionCode></ram:HandlingSPHInstructions>
  <ram:HandlingSPHInstructions><ram:DescriptionCode>COL</ram:DescriptionCode></ram:HandlingSPHInstructions>
  <ram:ApplicableRating>
   <ram:IncludedMasterConsignmentItem><ram:TypeCode>300241</ram:TypeCode><ram:TypeCode>3822.19</ram:TypeCode>
    <ram:GrossWeightMeasure unitCode="KGM">400</ram:GrossWeightMeasure><ram:PieceQuantity>5</ram:PieceQuantity>
    <ram:NatureIdentificationTransportCargo><ram:Identification>VACCINES</ram:Identification>
    </ram:NatureIdentificationTransportCargo>
    <ram:OriginCountry><ram:ID>DE</ram:ID></ram:OriginCountry>
    <ram:AssociatedUnitLoadTransportEquipment><ram:ID>1337</ram:ID><ram:CharacteristicCode>PMC</ram:CharacteristicCode>
     <ram:OperatingParty><ram:PrimaryID schemeAgencyID="1">XX</ram:PrimaryID></ram:OperatingParty>
    </ram:AssociatedUnitLoadTransportEquipment>
    <ram:AssociatedUnitLoadTransportEquipment><ram:ID>10234</ram:ID><ram:CharacteristicCode>AKE</ram:CharacteristicCode>
     <ram:OperatingParty><ram:PrimaryID>XL</ram:PrimaryID></ram:OperatingParty>
    </ram:AssociatedUnitLoadTransportEquipment>
   </ram:IncludedMasterConsignmentItem>
   <ram:IncludedMasterConsignmentItem><ram:PieceQuantity>two</ram:PieceQuantity>
    <ram:NatureIdentificationTransportCargo><ram:Identification>REAGENTS</ram:Identification>
    </ram:NatureIdentificationTransportCargo>
   </ram:IncludedMasterConsignmentItem>
  </ram:ApplicableRating>
 </rsm:MasterConsignment>
</rsm:Waybill>
"""

_HOUSE = """<IncludedHouseConsignment><ID>{number}</ID>
<IncludedTareGrossWeightMeasure unitCode="KGM">{weight}</IncludedTareGrossWeightMeasure>
<TotalPieceQuantity>{pieces}</TotalPieceQuantity><SummaryDescription>{goods}</SummaryDescription>
<OriginLocation><ID>SCL</ID></OriginLocation><FinalDestinationLocation><ID>UIO</ID></FinalDestinationLocation>
<IncludedHouseConsignmentItem><TypeCode>847130</TypeCode></IncludedHouseConsignmentItem>
</IncludedHouseConsignment>"""

HOUSE_WAYBILL = f"""<HouseWaybill><BusinessHeaderDocument><ID>HEADER</ID></BusinessHeaderDocument><MasterConsignment>
<IncludedTareGrossWeightMeasure unitCode="KGM">100.5</IncludedTareGrossWeightMeasure>
<TotalPieceQuantity>10</TotalPieceQuantity>
<TransportContractDocument><ID>145-99887766</ID></TransportContractDocument>
<OriginLocation><ID>SCL</ID></OriginLocation><FinalDestinationLocation><ID>UIO</ID></FinalDestinationLocation>
{_HOUSE.format(number="H-1", weight=60, pieces=6, goods="LAPTOPS")}
{_HOUSE.format(number="H-2", weight=40.5, pieces=4, goods="CABLES")}
</MasterConsignment></HouseWaybill>"""

DECLARATION = """<md:MetaData xmlns:md="urn:md"><md:WCODataModelVersionCode>3.6</md:WCODataModelVersionCode>
<Declaration xmlns="urn:wco"><FunctionalReferenceID>LRN-1</FunctionalReferenceID><TypeCode>IMD</TypeCode>
<GoodsItemQuantity>2</GoodsItemQuantity><InvoiceAmount currencyID="USD">900</InvoiceAmount>
<TotalGrossMassMeasure unitCode="KGM">120.5</TotalGrossMassMeasure><TotalPackageQuantity>12</TotalPackageQuantity>
<BorderTransportMeans><ID>MV MUSTER</ID><ModeCode>1</ModeCode></BorderTransportMeans>
<Declarant><ID>GB001</ID></Declarant>
<Exporter><Name>MUSTER LTD</Name><Address><CountryCode>CN</CountryCode></Address></Exporter>
<GoodsShipment>
 <Consignment><LoadingLocation><ID>CNSHA</ID></LoadingLocation>
  <TransportEquipment><SequenceNumeric>1</SequenceNumeric><ID>CSQU 305438 3</ID>
   <Seal><ID>S-1</ID></Seal><Seal><ID>S-2</ID></Seal></TransportEquipment>
  <TransportEquipment><ID>MSKU2191172</ID></TransportEquipment></Consignment>
 <Destination><CountryCode>GB</CountryCode></Destination><ExportCountry><ID>CN</ID></ExportCountry>
 <GovernmentAgencyGoodsItem><Commodity><Description>Brake
   pads</Description>
  <Classification><ID>VATZ</ID><IdentificationTypeCode>GN</IdentificationTypeCode></Classification>
  <Classification><ID>8708.30.91</ID><IdentificationTypeCode>TSP</IdentificationTypeCode></Classification>
  <Classification><ID>00</ID><IdentificationTypeCode>TRC</IdentificationTypeCode></Classification>
  <DangerousGoods><UNDGID>1993</UNDGID></DangerousGoods>
  <GoodsMeasure><GrossMassMeasure>heavy</GrossMassMeasure></GoodsMeasure>
  <InvoiceLine><ItemChargeAmount currencyID="USD">400</ItemChargeAmount></InvoiceLine></Commodity>
  <Origin><CountryCode>VN</CountryCode><TypeCode>2</TypeCode></Origin>
  <Origin><CountryCode>CN</CountryCode><TypeCode>1</TypeCode></Origin>
  <Packaging><QuantityQuantity>4</QuantityQuantity></Packaging><Packaging><QuantityQuantity>6</QuantityQuantity></Packaging>
 </GovernmentAgencyGoodsItem>
 <GovernmentAgencyGoodsItem><Commodity><Description>Gaskets</Description>
   <TransportEquipment><ID>CSQU3054383</ID></TransportEquipment></Commodity>
  <Origin><CountryCode>CN</CountryCode></Origin><Packaging><QuantityQuantity>2</QuantityQuantity></Packaging>
 </GovernmentAgencyGoodsItem>
</GoodsShipment></Declaration></md:MetaData>"""

ASYCUDA = """<ASYCUDA><Property><Nbers><Total_number_of_items>1</Total_number_of_items>
<Total_number_of_packages>20.0</Total_number_of_packages></Nbers></Property>
<Identification><Office_segment><Customs_Clearance_office_code>ECGYE</Customs_Clearance_office_code></Office_segment>
<Type><Type_of_declaration>IM</Type_of_declaration></Type>
<Manifest_reference_number>CAE2026<null/></Manifest_reference_number>
<Registration><Serial_number>L</Serial_number><Number>77</Number><Date>{date}</Date></Registration></Identification>
<Traders><Exporter><Exporter_name>MUSTER GMBH
HAUPTSTRASSE 1</Exporter_name></Exporter><Consignee><Consignee_code>099</Consignee_code>
<Consignee_name><null/></Consignee_name></Consignee></Traders>
<Declarant><Declarant_name>AGENCIA EJEMPLO</Declarant_name><Reference><Number>REF-1</Number></Reference></Declarant>
<General_information><Country><Export><Export_country_code>DE</Export_country_code></Export>
<Destination><Destination_country_code>EC</Destination_country_code></Destination></Country></General_information>
<Transport><Means_of_transport><Border_information><Identity>MV MUSTER</Identity><Mode>1</Mode></Border_information>
</Means_of_transport><Place_of_loading><Code>DEHAM</Code></Place_of_loading></Transport>
<Valuation><Weight><Gross_weight>{weight}</Gross_weight></Weight>
<Gs_Invoice><Amount_foreign_currency>1000</Amount_foreign_currency><Currency_code>EUR</Currency_code></Gs_Invoice>
<Total><Total_weight><null/></Total_weight></Total></Valuation>
<Item><Packages><Number_of_packages>20</Number_of_packages></Packages><Tarification><HScode>
<Commodity_code>84818010</Commodity_code><Precision_1>000</Precision_1><Precision_2><null/></Precision_2></HScode>
</Tarification><Goods_description><Country_of_origin_code>DE</Country_of_origin_code>

<Description_of_goods>Taps, cocks, valves</Description_of_goods>
<Commercial_Description>BALL VALVES</Commercial_Description>
</Goods_description><Valuation_item><Weight_itm><Gross_weight_itm>500,5</Gross_weight_itm></Weight_itm>
</Valuation_item></Item>
<Container><Item_Number>1</Item_Number><Container_identity>CSQU3054383</Container_identity>
<Container_type>22G1</Container_type><Empty_full_indicator>1/1</Empty_full_indicator></Container></ASYCUDA>"""


def bill(number: str, weight: object = 100, packages: object = 10, units: str = "", **given: str) -> str:
    """Return one Bol_segment."""
    said = {"nature": "23", "discharge": "ECGYE", "consignee": "EJEMPLO &amp; CIA", "goods": "SAWN\n  TIMBER", **given}
    return f"""<Bol_segment><Bol_id><Bol_reference>{number}</Bol_reference><Bol_nature>{said["nature"]}</Bol_nature>
</Bol_id><Load_unload_place><Place_of_loading_code>CLSAI</Place_of_loading_code>
<Place_of_unloading_code>{said["discharge"]}</Place_of_unloading_code></Load_unload_place>
<Traders_segment><Exporter><Exporter_name>MUSTER SPA</Exporter_name></Exporter>
<Notify><Notify_name>AGENCIA EJEMPLO</Notify_name></Notify>
<Consignee><Consignee_name>{said["consignee"]}</Consignee_name></Consignee></Traders_segment>{units}
<Goods_segment><Number_of_packages>{packages}</Number_of_packages><Gross_mass>{weight}</Gross_mass>
<Goods_description>{said["goods"]}</Goods_description></Goods_segment></Bol_segment>"""


def unit(number: str, state: str = "1/1", seals: str = "<Marks1>S1</Marks1>", more: str = "") -> str:
    """Return one ctn_segment."""
    return f"""<ctn_segment><Ctn_reference>{number}</Ctn_reference><Type_of_container>22G1</Type_of_container>
<Empty_Full>{state}</Empty_Full>{seals}{more}</ctn_segment>"""


def manifest(*bills: str, totals: tuple[object, ...] = ()) -> bytes:
    """Return an AWMDS message; ``totals`` are bills, packages, containers, mass."""
    names = ("number_of_bols", "number_of_packages", "number_of_containers", "gross_mass")
    declared = "".join(f"<Total_{name}>{value}</Total_{name}>" for name, value in zip(names, totals, strict=False))
    return f"""<?xml version="1.0"?><Awmds><General_segment><General_segment_id>
<Customs_office_code>ECGYE</Customs_office_code><Voyage_number>7N</Voyage_number>
<Date_of_departure>2026-03-01</Date_of_departure><Date_of_arrival>2026-03-14</Date_of_arrival></General_segment_id>
<Totals_segment>{declared}</Totals_segment>
<Transport_information><Carrier><Carrier_name>OCEAN EJEMPLO</Carrier_name></Carrier>
<Mode_of_transport_code>1</Mode_of_transport_code><Identity_of_transporter>MV MUSTER</Identity_of_transporter>
</Transport_information><Load_unload_place><Place_of_departure_code>CLSAI</Place_of_departure_code>
<Place_of_destination_code>ECGYE</Place_of_destination_code></Load_unload_place></General_segment>
{"".join(bills)}</Awmds>""".encode()
